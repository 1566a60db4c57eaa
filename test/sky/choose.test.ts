// Which index a server gets, why another is refused, and that a new one is a folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { connect } from '../../src/postgres/index.ts'
import {
  chooseSkyIndex,
  healpixInstall,
  loadSkyIndexBackends,
  q3cExtensionFiles,
  q3cSqlScript,
} from '../../src/sky/index.ts'
import { debianQ3cServer, scratchDatabase, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'

test('plain SQL installs twice, is recognised, and says which one it is', async () => {
  await using database = await scratchDatabase()
  const index = await chooseSkyIndex(database.client, 'q3c-sql')
  for (const statement of [...index.install, ...index.install]) await database.client.query(statement)
  const { rows } = await database.client.query('SELECT q3c_version()::text AS version')
  expect(rows).toEqual([{ version: '2.0.0 (plain SQL, Almagest)' }])
  const again = await chooseSkyIndex(database.client)
  expect([again.name, again.version]).toEqual(['q3c-sql', index.version])
  for (const statement of again.install) await database.client.query(statement)
  await expect(chooseSkyIndex(database.client, 'q3c')).rejects.toMatchObject({
    code: 'SKY_INDEX_UNAVAILABLE',
    message: expect.stringContaining('plain SQL'),
  })
})

test('a misspelt name is answered with the nearest', async () => {
  await using client = await connect(scratchServer())
  await expect(chooseSkyIndex(client, 'q3c-sq')).rejects.toMatchObject({
    code: 'SKY_INDEX_UNKNOWN',
    hint: 'did you mean "q3c-sql"?',
  })
})

test('a user who may create nothing is told so', async () => {
  await using database = await scratchDatabase()
  const { client } = database
  await client.query(`REVOKE CREATE ON SCHEMA public FROM public`)
  await client.query(`CREATE ROLE almagest_reader_${process.pid}`)
  try {
    await client.query(`SET ROLE almagest_reader_${process.pid}`)
    await expect(chooseSkyIndex(client, 'q3c-sql')).rejects.toMatchObject({
      message: expect.stringContaining('may not create'),
    })
  } finally {
    await client.query(`RESET ROLE; DROP ROLE almagest_reader_${process.pid}`)
  }
})

needs('debian-q3c')('on a server with the C extension', () => {
  test('it is preferred, and puts the plain SQL into a schema of its own once it is there', async () => {
    await using database = await scratchDatabase(await debianQ3cServer())
    const index = await chooseSkyIndex(database.client)
    expect([index.name, index.install]).toEqual([
      'q3c',
      ['CREATE EXTENSION IF NOT EXISTS q3c WITH SCHEMA public', healpixInstall()],
    ])
    await database.client.query(index.install[0]!)
    const present = await chooseSkyIndex(database.client)
    expect([present.name, present.version, present.install]).toEqual([
      'q3c',
      '2.0.0 (C extension)',
      [healpixInstall()],
    ])
    const beside = await chooseSkyIndex(database.client, 'q3c-sql')
    expect(beside.expression({ ra: 'ra', dec: 'dec' })).toBe('"q3c_sql"."q3c_ang2ipix"(ra, dec)')
  })
})

describe('backends by folder', () => {
  function folder(files: Record<string, string>): URL {
    const root = mkdtempSync(join(tmpdir(), 'almagest-indexes-'))
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, name))
      if (text) writeFileSync(join(root, name, 'backend.ts'), text)
    }
    return pathToFileURL(`${root}/`)
  }

  test('a new folder is found without an edit elsewhere', async () => {
    const root = folder({
      later:
        "export const backend = { name: 'later', preference: 9, detect: async () => ({ refusal: 'never' }) }",
      first:
        "export const backend = { name: 'first', preference: 0, detect: async () => ({ refusal: 'no' }) }",
    })
    const backends = await loadSkyIndexBackends(root)
    expect(backends.map((backend) => backend.name)).toEqual(['first', 'later'])
    await using client = await connect(scratchServer())
    await expect(chooseSkyIndex(client, undefined, backends)).rejects.toMatchObject({
      message: 'the server can serve no sky index (first: no; later: never)',
    })
    rmSync(root, { recursive: true })
  })

  test.each([
    ['without a backend', { empty: '' }],
    ['with a backend of another name', { here: "export const backend = { name: 'there', preference: 1 }" }],
  ])('a folder %s is a fault', async (_, files) => {
    const root = folder(files)
    await expect(loadSkyIndexBackends(root)).rejects.toMatchObject({ code: 'SKY_INDEX_FOLDER' })
    rmSync(root, { recursive: true })
  })

  test('our own are q3c, then q3c-sql, healpix and pgsphere', async () => {
    expect((await loadSkyIndexBackends()).map((backend) => backend.name)).toEqual([
      'q3c',
      'q3c-sql',
      'healpix',
      'pgsphere',
    ])
  })
})

test('the extension has the C extension’s name and version, and leaves the schema to PostgreSQL', () => {
  const files = q3cExtensionFiles()
  expect(Object.keys(files)).toEqual(['q3c.control', 'q3c--2.0.0.sql'])
  expect(files['q3c.control']).toContain("default_version = '2.0.0'")
  expect(files['q3c--2.0.0.sql']).toContain('FUNCTION @extschema@.q3c_ang2ipix(')
  expect(q3cSqlScript('odd "name')).toContain('FUNCTION "odd ""name".q3c_ang2ipix(')
})

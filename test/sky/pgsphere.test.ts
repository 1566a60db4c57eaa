// pgSphere: where it can't be created the reason is told; where it can be had it passes the shared suites.
import { expect, test } from 'vitest'
import { chooseSkyIndex } from '../../src/sky/index.ts'
import { debianQ3cServer, scratchDatabase, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { createUnpackaged } from './pgsphere-script.ts'
import { regionSuite } from './region-suite.ts'
import { skyIndexSuite } from './shared-suite.ts'

test('a server without it says so', async () => {
  await using database = await scratchDatabase(scratchServer())
  const offered = await database.client.query(
    `SELECT FROM pg_catalog.pg_available_extensions WHERE name = 'pg_sphere'`,
  )
  // DATABASE_URL may name a server that has its files: those are looked at below.
  if (offered.rowCount > 0) return
  await expect(chooseSkyIndex(database.client, 'pgsphere')).rejects.toMatchObject({
    code: 'SKY_INDEX_UNAVAILABLE',
    message: expect.stringContaining('pg_sphere is not installed'),
  })
})

needs('debian-pgsphere')("on Debian's server", () => {
  test('it is served, or the server says why its extension fails; nothing stays of the attempt', async () => {
    await using database = await scratchDatabase(await debianQ3cServer())
    const { client } = database
    const created = await client.query('CREATE EXTENSION pg_sphere; DROP EXTENSION pg_sphere').then(
      () => undefined,
      (error: Error) => error.message,
    )
    const answer = await chooseSkyIndex(client, 'pgsphere').catch((error: Error) => error)
    if (created === undefined) expect(answer).toMatchObject({ name: 'pgsphere' })
    else expect(answer).toMatchObject({ message: expect.stringContaining(created) })
    const { rows } = await client.query("SELECT to_regtype('spoint') AS type")
    expect(rows).toEqual([{ type: null }])
  })

  skyIndexSuite('pgsphere', debianQ3cServer, { prepare: createUnpackaged })
  regionSuite('pgsphere', debianQ3cServer, createUnpackaged)
})

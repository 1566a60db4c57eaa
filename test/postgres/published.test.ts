// Read schemas through FastSpecFit's change from v2.1 to v3.0: AV becomes TAUV, and old queries run on all the way.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  byServer,
  type Catalog,
  type Column,
  defineCatalog,
  defineSurvey,
  float32,
  float64,
  int64,
  type ReadSchema,
  type Survey,
  sameColumns,
} from '../../src/model/index.ts'
import {
  acceptDrift,
  applySurvey,
  connect,
  differences,
  findDrift,
  inspectSchema,
  makePlan,
  migrateTo,
  proveMigrations,
  readMigrations,
  readSchemaUse,
  sealMigrations,
  startEmbedded,
  stopEmbedded,
  writeEmptyMigration,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const by = byServer('test')
const reader = `published_reader_${process.pid}`

const table = (columns: Record<string, Column>) =>
  defineCatalog({
    name: 'fsf.fastspecfit',
    title: 'FastSpecFit',
    key: ['targetid'],
    columns: { targetid: int64(by, 'Target.'), logmstar: float32(by, 'Mass.'), ...columns },
  } as never) as unknown as Catalog

const survey = (version: string, catalog: Catalog, published: ReadSchema[]): Survey =>
  defineSurvey({ name: 'fsf', title: 'FSF', schema: 'fsf', version, catalogs: [catalog], published })

const view = (from: Catalog, columns: ReadSchema['views'][string]['columns']) => ({
  fastspecfit: { title: 'FastSpecFit', from, columns },
})

/** A_V = 2.5 log10(e) tau_V, from the definitions of optical depth and magnitude. */
const ratio = '(2.5 / ln(10))'
const av = float32(by, 'Attenuation in V.', { unit: 'mag' })
const tauv = float32(by, 'Optical depth in V.', {
  ucd: 'phys.absorption.opticalDepth',
  backfill: `av / ${ratio}`,
})
const z = float32(by, 'Redshift.', { ucd: 'src.redshift' })

const oldTable = table({ av, z })
const oldest = survey('2.1', oldTable, [
  {
    name: 'desi_v1',
    title: 'as version 2.1',
    readers: [reader],
    views: view(oldTable, sameColumns(oldTable)),
  },
])

const bothTable = table({ av, z, tauv })
const deprecated = { since: '2026-11-24', use: 'desi_v2' }
const expanded = survey('3.0 expand', bothTable, [
  {
    name: 'desi_v1',
    title: 'as version 2.1',
    readers: [reader],
    views: view(bothTable, sameColumns(bothTable, ['tauv'])),
    deprecated,
  },
  {
    name: 'desi_v2',
    title: 'as version 3.0',
    readers: [reader],
    views: view(bothTable, sameColumns(bothTable, ['av'])),
  },
])

/** AV goes, the redshift becomes a double and is renamed: version 1 still has `av` and a single `z`. */
const newTable = table({ tauv, redshift: float64(by, 'Redshift.', { ucd: 'src.redshift', renamed: 'z' }) })
const contracted = survey('3.0', newTable, [
  {
    name: 'desi_v1',
    title: 'as version 2.1',
    readers: [reader],
    views: view(newTable, {
      targetid: 'targetid',
      logmstar: 'logmstar',
      av: { sql: `(tauv * ${ratio})::real`, description: 'Attenuation in V.', unit: 'mag' },
      z: { sql: 'redshift::real', description: 'Redshift.', ucd: 'src.redshift' },
    }),
    deprecated,
  },
  {
    name: 'desi_v2',
    title: 'as version 3.0',
    readers: [reader],
    views: view(newTable, { targetid: 'targetid', logmstar: 'logmstar', z: 'redshift', tauv: 'tauv' }),
  },
])

const root = mkdtempSync(join(tmpdir(), 'almagest-published-'))
const folder = join(root, 'fsf')
const stems = () => readMigrations(folder).map(({ number, name }) => `${number}_${name}`)

beforeAll(async () => {
  await using server = await connect(scratchServer())
  await server.query(`CREATE ROLE ${reader}`)
  await writeNewMigrations(scratchServer(), choose, oldest, folder, 'v21')
  writeEmptyMigration(oldest, folder, 'readers')
  // Views read with the caller's rights, so readers need some on the tables.
  writeFileSync(
    join(folder, '0003_readers.up.sql'),
    `GRANT USAGE ON SCHEMA fsf TO ${reader};\nGRANT SELECT ON fastspecfit TO ${reader};\n`,
  )
  writeFileSync(
    join(folder, '0003_readers.down.sql'),
    `REVOKE SELECT ON fastspecfit FROM ${reader};\nREVOKE USAGE ON SCHEMA fsf FROM ${reader};\n`,
  )
  await sealMigrations(scratchServer(), choose, oldest, folder)
  await writeNewMigrations(scratchServer(), choose, expanded, folder, 'expand')
  await writeNewMigrations(scratchServer(), choose, contracted, folder, 'contract')
})
afterAll(async () => {
  rmSync(root, { recursive: true })
  await using server = await connect(scratchServer())
  await server.query(`DROP ROLE ${reader}`)
})

async function populated(rows: number) {
  const database = await scratchDatabase()
  await migrateTo(database.client, oldest, plain, folder, '0003')
  await database.client.query(
    `INSERT INTO fsf.fastspecfit (targetid, logmstar, av, z)
     SELECT 39627000000000000 + i, 10, CASE WHEN i % 7 > 0 THEN i * 0.37 END, i / 1000.0 FROM generate_series(1, ${rows}) i`,
  )
  return database
}

const oldQuery = 'SELECT targetid, av, z, logmstar FROM desi_v1.fastspecfit ORDER BY targetid'

describe('from v2.1 to v3.0', () => {
  test('expands, fills, publishes and contracts in migrations of their own', () => {
    expect(stems()).toEqual([
      '0001_v21',
      '0002_v21_publish',
      '0003_readers',
      '0004_expand',
      '0005_expand_backfill_1',
      '0006_expand_publish',
      '0007_contract',
    ])
    const contract = readFileSync(join(folder, '0007_contract.up.sql'), 'utf8')
    expect(contract).toMatch(
      /^.*DROP VIEW "desi_v1"."fastspecfit".*DROP COLUMN "av".*CREATE VIEW "desi_v1"."fastspecfit" WITH \(security_invoker=true\)/s,
    )
    expect(contract).toContain(`GRANT SELECT ON "desi_v1"."fastspecfit" TO ${reader}`)
  })

  test('the proof holds for every version', async () => {
    const proof = await proveMigrations(scratchServer(), choose, contracted, folder)
    expect(proof).toMatchObject({ migrations: 7, irreversible: [] })
  })

  test('the old query never fails, and gives the same values at every step up and down', async () => {
    await using database = await populated(500)
    const { client } = database
    const before = (await client.query<{ av: number | null }>(oldQuery)).rows
    await using other = await connect(database.url)
    await other.query(`SET ROLE ${reader}`)
    let going = true
    let asked = 0
    const asking = (async () => {
      while (going) {
        const { rows } = await other.query<{ av: number | null }>(oldQuery)
        expect(rows.length).toBe(500)
        asked++
      }
    })()
    const look = async () => {
      const { rows } = await client.query<{ av: number | null }>(oldQuery)
      for (const [i, row] of rows.entries()) {
        const expected = before[i]!
        expect({ ...row, av: null }).toEqual({ ...expected, av: null })
        // AV goes through another quantity in single precision: two roundings of 2^-24.
        if (expected.av === null) expect(row.av).toBeNull()
        else expect(Math.abs(row.av! / expected.av - 1)).toBeLessThan(2 ** -22)
      }
    }
    try {
      for (const version of ['0004', '0005', '0006', '0007', '0006', '0005', '0004', '0003', '0007']) {
        await migrateTo(client, contracted, plain, folder, version, { verifiedBackup: 'test' })
        await look()
      }
      const { rows } = await other.query('SELECT count(tauv)::int AS filled FROM desi_v2.fastspecfit')
      expect(rows).toEqual([{ filled: before.filter((row) => row.av !== null).length }])
    } finally {
      going = false
      await asking
    }
    expect(asked).toBeGreaterThan(5)
    await migrateTo(client, contracted, plain, folder, '0003', { verifiedBackup: 'test' })
    expect((await client.query(oldQuery)).rows).toEqual(before)
  })

  test('rights that were given on this database stay through views made anew, up and down', async () => {
    await using database = await populated(10)
    const { client } = database
    const extra = `published_extra_${process.pid}`
    await client.query(`CREATE ROLE ${extra}`)
    try {
      const go = (version: string) =>
        migrateTo(client, contracted, plain, folder, version, { verifiedBackup: 'test' })
      await go('0006')
      await client.query(`GRANT USAGE ON SCHEMA fsf, desi_v1 TO ${extra};
        GRANT SELECT ON desi_v1.fastspecfit TO ${extra} WITH GRANT OPTION;
        GRANT SELECT (targetid, z) ON fsf.fastspecfit TO ${extra};
        ALTER TABLE fsf.fastspecfit ENABLE ROW LEVEL SECURITY;
        CREATE POLICY near ON fsf.fastspecfit FOR SELECT TO ${extra} USING (targetid > 0)`)
      await expect(go('0007')).rejects.toMatchObject({ code: 'DRIFT' })
      const { differences: given } = await acceptDrift(client, contracted)
      expect(given.length).toBe(7)
      const before = await inspectSchema(client, 'fsf')
      await go('0007')
      const held = await client.query(
        `SELECT has_table_privilege($1, 'desi_v1.fastspecfit', 'SELECT WITH GRANT OPTION') AS view,
           has_column_privilege($1, 'fsf.fastspecfit', 'redshift', 'SELECT') AS column`,
        [extra],
      )
      expect(held.rows).toEqual([{ view: true, column: true }])
      expect((await findDrift(client, contracted)).differences).toEqual([])
      await go('0006')
      expect(differences(before, await inspectSchema(client, 'fsf'))).toEqual([])
      // What a manifest states must be there: nobody else may have taken it.
      await client.query(`REVOKE SELECT ON fsf.fastspecfit FROM ${reader}`)
      await acceptDrift(client, contracted)
      await expect(go('0007')).rejects.toMatchObject({
        code: 'MIGRATION_RESULT',
        message: expect.stringContaining(`grant on table fastspecfit to ${reader}`),
      })
    } finally {
      await client.query(`DROP OWNED BY ${extra}; DROP ROLE ${extra}`)
    }
  })

  test('a backfill goes on where it stopped', async () => {
    const small = join(root, 'small')
    await writeNewMigrations(scratchServer(), choose, oldest, small, 'v21')
    await writeNewMigrations(scratchServer(), choose, expanded, small, 'expand')
    const manifest = join(small, '0004_expand_backfill_1.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"batch": 2000', '"batch": 10'))
    await sealMigrations(scratchServer(), choose, expanded, small)
    await using own = await scratchDatabase()
    await migrateTo(own.client, expanded, plain, small, '0003')
    await own.client.query(
      'INSERT INTO fsf.fastspecfit (targetid, av) SELECT i, i FROM generate_series(1, 95) i',
    )
    await using holder = await connect(own.url)
    await holder.query('BEGIN; SELECT FROM fsf.fastspecfit WHERE targetid = 55 FOR UPDATE')
    const patience = { lockTries: 2, lockTimeout: 50 }
    await expect(migrateTo(own.client, expanded, plain, small, '0004', { patience })).rejects.toMatchObject({
      code: 'MIGRATION_LOCKED',
    })
    await holder.query('COMMIT')
    const state = await own.client.query('SELECT after, rows::int FROM almagest.backfill')
    expect(state.rows).toEqual([{ after: ['50'], rows: 50 }])
    const firstRows =
      "SELECT string_agg(xmin::text, ' ' ORDER BY targetid) AS xmins FROM fsf.fastspecfit WHERE targetid BETWEEN 1 AND 50"
    const before = (await own.client.query(firstRows)).rows
    // A row written behind the batch is found in another round.
    await own.client.query('INSERT INTO fsf.fastspecfit (targetid, av) VALUES (0, 5)')
    const { steps } = await migrateTo(own.client, expanded, plain, small, '0004')
    expect(steps).toEqual([
      '0004_expand_backfill_1 up had been cut off: it goes on where it stopped',
      '0004_expand_backfill_1 up',
    ])
    expect((await own.client.query(firstRows)).rows).toEqual(before)
    const left = await own.client.query('SELECT count(*)::int AS n FROM fsf.fastspecfit WHERE tauv IS NULL')
    expect(left.rows).toEqual([{ n: 0 }])
    expect((await own.client.query('SELECT FROM almagest.backfill')).rowCount).toBe(0)
  })

  test('what is filled from a column cannot lose it in the same plan', async () => {
    await using database = await scratchDatabase()
    await migrateTo(database.client, oldest, plain, folder, '0003')
    await expect(makePlan(database.client, contracted, plain)).rejects.toMatchObject({
      code: 'PLAN_UNSUPPORTED',
      hint: expect.stringContaining('first expand, then contract'),
    })
  })
})

describe('read schemas and the rest', () => {
  test('apply builds them, completes them, and drift names what was changed in them', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    const { made } = await applySurvey(client, expanded, plain)
    expect(made).toContain('published view desi_v2.fastspecfit')
    expect((await findDrift(client, expanded)).differences).toEqual([])
    expect((await makePlan(client, expanded, plain)).changes).toEqual([])
    const drift = async (sql: string) => {
      await client.query(`BEGIN; ${sql}`)
      const found = (await findDrift(client, expanded)).differences.map(({ object }) => object)
      await client.query('ROLLBACK')
      return found
    }
    expect(await drift(`REVOKE SELECT ON desi_v1.fastspecfit FROM ${reader}`)).toEqual([
      `published grant on view desi_v1.fastspecfit to ${reader}`,
    ])
    expect(await drift('ALTER VIEW desi_v2.fastspecfit SET (security_invoker = false)')).toEqual([
      'published storage parameters of view desi_v2.fastspecfit',
    ])
    expect(await drift('CREATE TABLE desi_v1.extra ()')).toEqual(['published table desi_v1.extra'])
    expect(await drift('COMMENT ON COLUMN desi_v1.fastspecfit.av IS NULL')).toEqual([
      'published comment on column desi_v1.fastspecfit.av',
    ])
    const before = await inspectSchema(client, 'fsf')
    await client.query('DROP SCHEMA desi_v2 CASCADE')
    expect((await applySurvey(client, expanded, plain)).outcome).toBe('completed')
    expect(differences(before, await inspectSchema(client, 'fsf'))).toEqual([])
  })

  test('a foreign schema of the name, a role that is not there, and views of others', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await client.query('CREATE SCHEMA desi_v1')
    await expect(applySurvey(client, oldest, plain)).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' })
    await client.query('DROP SCHEMA desi_v1')
    const nobody = survey('x', oldTable, [{ ...oldest.published![0]!, readers: ['nobody_of_that_name'] }])
    await expect(applySurvey(client, nobody, plain)).rejects.toMatchObject({
      code: 'ROLE_MISSING',
      message: expect.stringContaining('nobody_of_that_name'),
    })
    await applySurvey(client, oldest, plain)
    await client.query('CREATE SCHEMA mine; CREATE VIEW mine.v AS SELECT targetid FROM fsf.fastspecfit')
    expect((await findDrift(client, oldest)).differences).toEqual([])
  })

  test('faults of a declaration, all at once', () => {
    const [first] = oldest.published!
    const declare = () =>
      survey('x', oldTable, [
        { ...first!, name: 'fsf', deprecated: { since: '2026-01-01', use: 'desi_v9' } },
        { ...first!, name: 'Bad', views: {} },
        { ...first!, views: view(oldTable, { a: 'taregtid' }) },
      ])
    expect(declare).toThrow(/desi_v9.*not published/s)
    expect(declare).toThrow(/schema of the tables themselves/)
    expect(declare).toThrow(/without a view/)
    expect(declare).toThrow(/did you mean "targetid"/)
  })
})

test('who still uses what, by pg_stat_statements', async () => {
  await using database = await scratchDatabase()
  await applySurvey(database.client, expanded, plain)
  expect((await readSchemaUse(database.client, expanded)).counted).toContain('not in this database')
  const folder = mkdtempSync(join(tmpdir(), 'almagest-uses-'))
  // As root the server runs as another user, who must get to its folder.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  try {
    const first = await startEmbedded({ home })
    {
      await using client = await connect(first.connectionUrl)
      await client.query('CREATE EXTENSION pg_stat_statements')
      await client.query(`CREATE ROLE ${reader}; CREATE ROLE laggard SUPERUSER`)
      await applySurvey(client, expanded, plain)
      expect((await readSchemaUse(client, expanded)).counted).toContain('shared_preload_libraries')
      await client.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
      await client.query(`ALTER ROLE ${reader} SET search_path = desi_v1, public`)
    }
    await stopEmbedded({ home })
    const { connectionUrl } = await startEmbedded({ home })
    await using client = await connect(connectionUrl)
    await client.query('SET ROLE laggard')
    for (let i = 0; i < 3; i++)
      await client.query('SELECT count(av) FROM desi_v1.fastspecfit WHERE z < $1', [i])
    await client.query('SELECT 1 AS not_desi_v1')
    await client.query('RESET ROLE')
    const report = await readSchemaUse(client, expanded)
    expect(report.counted).toBe(true)
    expect(report.schemas).toMatchObject([
      {
        name: 'desi_v1',
        deprecated: { use: 'desi_v2' },
        built: true,
        uses: [{ role: 'laggard', statements: 1, calls: 3 }],
        bySearchPath: [reader],
      },
      { name: 'desi_v2', deprecated: null, uses: [], bySearchPath: [] },
    ])
  } finally {
    await stopEmbedded({ home })
    rmSync(folder, { recursive: true, force: true })
  }
})

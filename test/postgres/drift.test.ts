// The drift table: out-of-band changes of every kind, each found and named; and what must not be taken for drift.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { byServer, type Catalog, defineCatalog, defineSurvey, int64 } from '../../src/model/index.ts'
import {
  acceptDrift,
  applySurvey,
  differences,
  type Fingerprint,
  findDrift,
  fingerprintHash,
  inspectSchema,
  printFingerprint,
} from '../../src/postgres/index.ts'
import { everything, other, reader, table } from './drift-table.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

const tiny = defineSurvey({
  name: 'tiny',
  title: 'Tiny',
  schema: 'tiny',
  version: '1',
  catalogs: [
    defineCatalog({
      name: 'tiny.stars',
      title: 'Stars',
      columns: { id: int64(byServer('x'), 'Identifier.') },
      key: ['id'],
    }) as Catalog,
  ],
})
const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
describe('the drift table', () => {
  let database: ScratchDatabase
  let before: Fingerprint
  let user: string
  beforeAll(async () => {
    database = await scratchDatabase()
    await database.client.query(`CREATE ROLE ${reader}; CREATE ROLE ${other}`)
    await database.client.query(everything)
    before = await inspectSchema(database.client, 'survey')
    user = String((await database.client.query('SELECT current_user::regrole::text AS name')).rows[0]!.name)
  })
  afterAll(async () => {
    await database.client.query(`DROP OWNED BY ${reader}, ${other}; DROP ROLE ${reader}, ${other}`)
    await database.drop()
  })

  test.each(table)('%s', async (sql, ...objects) => {
    const { client } = database
    await client.query('BEGIN')
    try {
      await client.query(sql)
      const after = await inspectSchema(client, 'survey')
      const expected = objects.map((object) => object.replace('%USER%', user)).sort()
      expect(differences(before, after).map(({ object }) => object)).toEqual(expected)
    } finally {
      await client.query('ROLLBACK')
    }
    expect(await inspectSchema(client, 'survey')).toEqual(before)
  })

  test('holds at least 40 kinds of change, each in another statement', () => {
    expect(new Set(table.map(([sql]) => sql)).size).toBe(table.length)
    expect(
      new Set(table.flatMap(([, ...objects]) => objects.map((each) => each.replace(/ \S+( to \S+)?$/, ''))))
        .size,
    ).toBeGreaterThan(35)
    expect(table.length).toBeGreaterThanOrEqual(40)
  })

  test('names no fact by the schema, and keeps texts that look like it', () => {
    const text = printFingerprint(before)
    expect(text.match(/.*survey\..*/g)).toEqual(
      [
        `index by_z: CREATE INDEX by_z ON galaxies USING btree (z) WHERE (note <> 'survey.galaxies ON survey.'::text)`,
        expect.stringContaining('event trigger drift_watch: ON ddl_command_end'),
      ].filter((each) => typeof each === 'string'),
    )
  })

  test.each([
    [
      'spelling of a check',
      'ALTER TABLE survey.galaxies DROP CONSTRAINT z_check, ADD CONSTRAINT z_check CHECK ((((galaxies.z)) > (-1)))',
    ],
    ['analysing', 'ANALYZE survey.galaxies'],
    ['rows', "INSERT INTO survey.galaxies (id, ra, flux) VALUES (1, 2, 3); SELECT nextval('survey.ticket')"],
    [
      'a grant given and taken back',
      `GRANT SELECT ON survey.counts TO ${reader}; REVOKE SELECT ON survey.counts FROM ${reader}`,
    ],
    ['objects of an extension', 'CREATE EXTENSION cube SCHEMA survey'],
    ['a temporary table of the same name', 'CREATE TEMP TABLE galaxies (id integer)'],
    [
      'settings of the session',
      'SET quote_all_identifiers = on; SET search_path = survey; SET extra_float_digits = -2',
    ],
  ])('%s is no drift', async (_, sql) => {
    const { client } = database
    await client.query('BEGIN')
    try {
      await client.query(sql)
      expect(differences(before, await inspectSchema(client, 'survey'))).toEqual([])
    } finally {
      await client.query('ROLLBACK')
    }
  })

  test.each([
    ['CREATE AGGREGATE survey.total (integer) (sfunc = int4pl, stype = integer)', 'function total(integer)'],
    ['CREATE COLLATION survey.c FROM "C"', 'collation c'],
    ['CREATE TEXT SEARCH CONFIGURATION survey.words (COPY = english)', 'text search configuration words'],
    [
      'CREATE OPERATOR survey.=== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq)',
      'operator ===(integer,integer)',
    ],
    [
      'CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE survey.far (a integer) SERVER s',
      'foreign table far',
    ],
  ])('an object of an unknown kind is an error: %s', async (sql, object) => {
    const { client } = database
    await client.query('BEGIN')
    await client.query(sql)
    await expect(inspectSchema(client, 'survey')).rejects.toMatchObject({
      code: 'OBJECT_KIND_UNKNOWN',
      message: expect.stringContaining(object),
    })
    await client.query('ROLLBACK')
  })
})

describe('drift from what was recorded', () => {
  test('is found, stays until undone or accepted, and apply does not hide it', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await expect(findDrift(client, sdss)).rejects.toMatchObject({ code: 'FINGERPRINT_MISSING' })
    await applySurvey(client, sdss, plain)
    expect((await findDrift(client, sdss)).differences).toEqual([])
    await client.query(
      'ALTER TABLE sdss_dr7_voids.galaxies ALTER z SET STATISTICS 9; GRANT SELECT ON sdss_dr7_voids.galaxies TO PUBLIC',
    )
    await client.query('DROP INDEX sdss_dr7_voids.idx_galaxies_z')
    const drifted = [
      'grant on table galaxies to PUBLIC',
      'index idx_galaxies_z',
      'statistics target of column galaxies.z',
    ]
    expect((await findDrift(client, sdss)).differences.map(({ object }) => object)).toEqual(drifted)
    expect((await applySurvey(client, sdss, plain)).made).toEqual(['index idx_galaxies_z'])
    expect((await findDrift(client, sdss)).differences.map(({ object }) => object)).toEqual([
      drifted[0],
      drifted[2],
    ])
    expect((await acceptDrift(client, sdss)).differences).toHaveLength(2)
    expect((await findDrift(client, sdss)).differences).toEqual([])
  })

  test('the hash is the same in another database, whoever owns the schema, beside event triggers', async () => {
    await using one = await scratchDatabase()
    await using two = await scratchDatabase()
    const owner = `hash_owner_${process.pid}`
    for (const { client } of [one, two]) await applySurvey(client, tiny, plain)
    await two.client.query(
      `CREATE ROLE ${owner}; CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
    )
    await two.client.query('CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch()')
    await two.client.query(`ALTER SCHEMA tiny OWNER TO ${owner}; ALTER TABLE tiny.stars OWNER TO ${owner}`)
    const hashOf = async ({ client }: ScratchDatabase) => fingerprintHash(await inspectSchema(client, 'tiny'))
    expect(await hashOf(two)).toBe(await hashOf(one))
    expect((await findDrift(two.client, tiny)).differences.map(({ object }) => object)).toEqual([
      'event trigger watch',
      'owner of schema',
    ])
    await two.client.query('COMMENT ON TABLE tiny.stars IS NULL')
    expect(await hashOf(two)).not.toBe(await hashOf(one))
    await two.client.query(`DROP OWNED BY ${owner} CASCADE; DROP ROLE ${owner}`)
  })
})

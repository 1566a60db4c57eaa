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
const reader = `drift_reader_${process.pid}`
const other = `drift_other_${process.pid}`

/** A schema with something of every kind; `survey."Odd.name"` needs quotes, and its text must stay itself. */
const everything = `
CREATE SCHEMA survey;
COMMENT ON SCHEMA survey IS 'under test';
CREATE DOMAIN survey.angle AS double precision CHECK (VALUE >= 0 AND VALUE < 360);
CREATE TYPE survey.tracer AS ENUM ('BGS', 'LRG');
CREATE TYPE survey.pair AS (a integer, b integer);
CREATE SEQUENCE survey.ticket;
CREATE TABLE survey.galaxies (
  id bigint PRIMARY KEY, ra survey.angle NOT NULL, dec double precision DEFAULT 0, z real, kind survey.tracer,
  note text, name text COLLATE "C", CONSTRAINT z_check CHECK (z > -1),
  flux real, magnitude double precision GENERATED ALWAYS AS (-2.5 * log(flux)) STORED
) WITH (fillfactor = 90);
CREATE TABLE survey."Odd.name" (id serial PRIMARY KEY, galaxy bigint REFERENCES survey.galaxies);
CREATE INDEX by_z ON survey.galaxies (z) WHERE note <> 'survey.galaxies ON survey.';
CREATE STATISTICS survey.ra_dec (dependencies) ON ra, dec FROM survey.galaxies;
CREATE VIEW survey.near WITH (security_invoker) AS SELECT id FROM survey.galaxies WHERE z < 0.1;
CREATE MATERIALIZED VIEW survey.counts AS SELECT count(*) FROM survey.galaxies;
CREATE FUNCTION survey.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION survey.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE TRIGGER touched BEFORE UPDATE ON survey.galaxies FOR EACH ROW EXECUTE FUNCTION survey.touch();
CREATE EVENT TRIGGER drift_watch ON ddl_command_end EXECUTE FUNCTION survey.watch();
ALTER TABLE survey.galaxies ENABLE ROW LEVEL SECURITY;
CREATE POLICY bright ON survey.galaxies FOR SELECT TO PUBLIC USING (z < 1);
CREATE TABLE survey.pixels (pixel integer, n integer) PARTITION BY RANGE (pixel);
CREATE TABLE survey.pixels_0 PARTITION OF survey.pixels FOR VALUES FROM (0) TO (100);
COMMENT ON TABLE survey.galaxies IS 'Galaxies';
COMMENT ON COLUMN survey.galaxies.z IS 'Redshift';
COMMENT ON INDEX survey.by_z IS 'For slices';
GRANT USAGE ON SCHEMA survey TO ${reader};
GRANT SELECT (id, ra) ON survey.galaxies TO ${reader};
GRANT SELECT ON survey.near TO ${reader};
ALTER DEFAULT PRIVILEGES IN SCHEMA survey GRANT SELECT ON TABLES TO ${reader}`

/** What is done behind our back, and the facts that it changes. */
const table: [sql: string, ...objects: string[]][] = [
  ['ALTER TABLE survey.galaxies ADD extra integer', 'column galaxies.extra'],
  [
    'ALTER TABLE survey.galaxies DROP note CASCADE',
    'column galaxies.note',
    'index by_z',
    'comment on index by_z',
  ],
  [
    'ALTER TABLE survey.galaxies ALTER flux TYPE double precision USING flux, ALTER magnitude DROP EXPRESSION',
    'column galaxies.flux',
    'column galaxies.magnitude',
  ],
  ['ALTER TABLE survey.galaxies ALTER dec SET DEFAULT 1', 'default of column galaxies.dec'],
  ['ALTER TABLE survey.galaxies ALTER dec DROP DEFAULT', 'default of column galaxies.dec'],
  ['ALTER TABLE survey.galaxies ALTER ra DROP NOT NULL', 'not null of column galaxies.ra'],
  ['ALTER TABLE survey.galaxies ALTER name TYPE text COLLATE "POSIX"', 'column galaxies.name'],
  ['ALTER TABLE survey.galaxies ALTER ra SET STATISTICS 500', 'statistics target of column galaxies.ra'],
  ['ALTER TABLE survey.galaxies ALTER note SET STORAGE EXTERNAL', 'storage of column galaxies.note'],
  ['ALTER TABLE survey.galaxies ALTER note SET COMPRESSION pglz', 'compression of column galaxies.note'],
  ['ALTER TABLE survey.galaxies ALTER ra SET (n_distinct = -1)', 'options of column galaxies.ra'],
  [
    'ALTER TABLE survey.galaxies RENAME note TO remark',
    'column galaxies.note',
    'column galaxies.remark',
    'index by_z',
  ],
  [
    'ALTER TABLE survey.galaxies RENAME CONSTRAINT z_check TO z_bound',
    'constraint galaxies.z_check',
    'constraint galaxies.z_bound',
  ],
  ['ALTER TABLE survey.galaxies DROP CONSTRAINT z_check', 'constraint galaxies.z_check'],
  ['ALTER TABLE survey.galaxies ADD CONSTRAINT z_max CHECK (z < 9) NOT VALID', 'constraint galaxies.z_max'],
  ["UPDATE pg_constraint SET convalidated = false WHERE conname = 'z_check'", 'constraint galaxies.z_check'],
  ["UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'survey.by_z'::regclass", 'index by_z'],
  [
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'survey.galaxies_pkey'::regclass",
    'constraint galaxies.galaxies_pkey',
  ],
  ['DROP INDEX survey.by_z', 'index by_z', 'comment on index by_z'],
  ['ALTER INDEX survey.by_z SET (fillfactor = 50)', 'storage parameters of index by_z', 'index by_z'],
  ['ALTER TABLE survey.galaxies CLUSTER ON galaxies_pkey', 'clustering of index galaxies_pkey'],
  ['COMMENT ON COLUMN survey.galaxies.z IS NULL', 'comment on column galaxies.z'],
  ["COMMENT ON TABLE survey.galaxies IS 'Stars'", 'comment on table galaxies'],
  ['COMMENT ON INDEX survey.by_z IS NULL', 'comment on index by_z'],
  ["COMMENT ON CONSTRAINT z_check ON survey.galaxies IS 'why'", 'comment on constraint galaxies.z_check'],
  ['ALTER TABLE survey.galaxies SET (fillfactor = 80)', 'storage parameters of table galaxies'],
  [
    'ALTER TABLE survey.galaxies SET (toast.autovacuum_enabled = off)',
    'storage parameters of TOAST of table galaxies',
  ],
  ['ALTER TABLE survey.pixels_0 SET UNLOGGED', 'table pixels_0'],
  ['ALTER TABLE survey.pixels DETACH PARTITION survey.pixels_0', 'table pixels_0'],
  [
    'CREATE TABLE survey.pixels_1 PARTITION OF survey.pixels FOR VALUES FROM (100) TO (200)',
    'table pixels_1',
    'column pixels_1.pixel',
    'column pixels_1.n',
    `grant on table pixels_1 to ${reader}`,
  ],
  [
    'DROP TABLE survey."Odd.name"',
    'table Odd.name',
    'column Odd.name.id',
    'column Odd.name.galaxy',
    'constraint Odd.name.Odd.name_pkey',
    'constraint Odd.name.Odd.name_galaxy_fkey',
    'default of column Odd.name.id',
    'not null of column Odd.name.id',
    'sequence Odd.name_id_seq',
    'owner column of sequence Odd.name_id_seq',
  ],
  [
    `CREATE OR REPLACE VIEW survey.near WITH (security_invoker) AS SELECT id FROM survey.galaxies WHERE z < 0.2`,
    'view near',
  ],
  ['ALTER VIEW survey.near RESET (security_invoker)', 'storage parameters of view near'],
  ['REFRESH MATERIALIZED VIEW survey.counts WITH NO DATA', 'materialized view counts'],
  [
    `CREATE OR REPLACE FUNCTION survey.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    'function touch()',
  ],
  ['ALTER FUNCTION survey.touch() SECURITY DEFINER', 'function touch()'],
  ['GRANT CREATE ON SCHEMA survey TO PUBLIC', 'grant on schema to PUBLIC'],
  [`REVOKE SELECT (ra) ON survey.galaxies FROM ${reader}`, `grant on column galaxies.ra to ${reader}`],
  [`GRANT SELECT ON survey.galaxies TO ${reader} WITH GRANT OPTION`, `grant on table galaxies to ${reader}`],
  [`REVOKE SELECT ON survey.near FROM ${reader}`, `grant on view near to ${reader}`],
  ['REVOKE INSERT ON survey.galaxies FROM CURRENT_USER', 'grant on table galaxies to the owner'],
  ['REVOKE EXECUTE ON FUNCTION survey.touch() FROM PUBLIC', 'grant on function touch() to PUBLIC'],
  [
    `ALTER DEFAULT PRIVILEGES IN SCHEMA survey REVOKE SELECT ON TABLES FROM ${reader}`,
    `default privileges of %USER% on tables to ${reader}`,
  ],
  [`ALTER TABLE survey.galaxies OWNER TO ${other}`, 'owner of table galaxies'],
  [`ALTER FUNCTION survey.touch() OWNER TO ${other}`, 'owner of function touch()'],
  ['ALTER TABLE survey.galaxies DISABLE TRIGGER touched', 'state of trigger galaxies.touched'],
  [
    'ALTER TABLE survey."Odd.name" DISABLE TRIGGER ALL',
    'state of triggers of constraint Odd.name.Odd.name_galaxy_fkey',
  ],
  [
    'DROP TRIGGER touched ON survey.galaxies',
    'trigger galaxies.touched',
    'state of trigger galaxies.touched',
  ],
  ['ALTER EVENT TRIGGER drift_watch DISABLE', 'event trigger drift_watch'],
  ['ALTER TABLE survey.galaxies DISABLE ROW LEVEL SECURITY', 'row security of table galaxies'],
  ['ALTER TABLE survey.galaxies FORCE ROW LEVEL SECURITY', 'row security of table galaxies'],
  ['ALTER POLICY bright ON survey.galaxies USING (z < 2)', 'policy galaxies.bright'],
  ['CREATE RULE quiet AS ON DELETE TO survey.galaxies DO INSTEAD NOTHING', 'rule galaxies.quiet'],
  ['ALTER TABLE survey.galaxies REPLICA IDENTITY FULL', 'replica identity of table galaxies'],
  ["ALTER TYPE survey.tracer RENAME VALUE 'LRG' TO 'ELG'", 'enum tracer'],
  ['ALTER DOMAIN survey.angle SET NOT NULL', 'domain angle'],
  ['ALTER DOMAIN survey.angle DROP CONSTRAINT angle_check', 'constraint of domain angle.angle_check'],
  ['ALTER TYPE survey.pair ADD ATTRIBUTE c integer', 'composite type pair'],
  ['ALTER SEQUENCE survey.ticket INCREMENT 2', 'sequence ticket'],
  ['ALTER SEQUENCE survey."Odd.name_id_seq" OWNED BY NONE', 'owner column of sequence Odd.name_id_seq'],
  ['ALTER STATISTICS survey.ra_dec SET STATISTICS 1000', 'statistics target of statistics ra_dec'],
  ['DROP STATISTICS survey.ra_dec', 'statistics ra_dec'],
  [
    'CREATE PUBLICATION drift_publication FOR TABLE survey.galaxies',
    'publication of table galaxies.drift_publication',
  ],
]

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

// The drift table: a schema with something of every kind, and out-of-band changes with the facts that each must change.

/** Roles that both need; their names are the process's own, as roles belong to the whole server. */
export const reader = `drift_reader_${process.pid}`
export const other = `drift_other_${process.pid}`

/** A schema with something of every kind; `survey."Odd.name"` needs quotes, and its text must stay itself. */
export const everything = `
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
export const table: [sql: string, ...objects: string[]][] = [
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

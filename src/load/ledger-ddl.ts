// The ledger's tables: which file was loaded when, into which tables, and which rows were left out.
import type { Client } from '../postgres/index.ts'

const ledgerDdl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.load_file (
  file_id serial PRIMARY KEY,
  survey text NOT NULL,
  name text NOT NULL,
  path text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text,
  header jsonb,
  catalog_version text NOT NULL,
  state text NOT NULL CHECK (state IN ('loading', 'loaded', 'failed', 'replaced', 'staged', 'discarded')),
  error jsonb,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  seconds double precision
);
CREATE UNIQUE INDEX IF NOT EXISTS load_file_loaded ON almagest.load_file (survey, name) WHERE state = 'loaded';
CREATE UNIQUE INDEX IF NOT EXISTS load_file_attempt ON almagest.load_file (survey, name)
  WHERE state IN ('loading', 'failed');
CREATE UNIQUE INDEX IF NOT EXISTS load_file_staged ON almagest.load_file (survey, name) WHERE state = 'staged';
COMMENT ON TABLE almagest.load_file IS 'Files that were loaded or tried, one row for each content of a file';
COMMENT ON COLUMN almagest.load_file.file_id IS 'Number of the file: what source_file of the loaded rows refers to';
COMMENT ON COLUMN almagest.load_file.survey IS 'Survey whose catalogues the file feeds';
COMMENT ON COLUMN almagest.load_file.name IS 'Base name of the file';
COMMENT ON COLUMN almagest.load_file.path IS 'Path from which it was loaded';
COMMENT ON COLUMN almagest.load_file.bytes IS 'Size of the file on disk';
COMMENT ON COLUMN almagest.load_file.sha256 IS 'SHA-256 of the file on disk, in hexadecimal';
COMMENT ON COLUMN almagest.load_file.header IS 'Cards of the primary header';
COMMENT ON COLUMN almagest.load_file.catalog_version IS 'Version of the survey definition by which it was loaded';
COMMENT ON COLUMN almagest.load_file.state IS
  'loading: under way, or ended without a word; loaded: its rows are in the tables; failed: none is, see error; replaced: its rows gave way to a newer content; staged: its rows wait to be published, error says why they were refused; discarded: they were never published';
COMMENT ON COLUMN almagest.load_file.error IS 'Why the last attempt failed: code, message, hint, place';
COMMENT ON COLUMN almagest.load_file.started_at IS 'Start of the last attempt';
COMMENT ON COLUMN almagest.load_file.finished_at IS 'End of the last attempt';
COMMENT ON COLUMN almagest.load_file.seconds IS 'Time the last attempt took';
CREATE TABLE IF NOT EXISTS almagest.load_table (
  file_id integer NOT NULL REFERENCES almagest.load_file,
  table_name text NOT NULL,
  layout text NOT NULL,
  hdus text[] NOT NULL,
  rows_read bigint NOT NULL,
  rows_loaded bigint NOT NULL,
  rows_rejected bigint NOT NULL,
  rejects_by_rule jsonb NOT NULL,
  nulls_from_nan jsonb NOT NULL,
  ra_wrapped jsonb NOT NULL,
  seconds double precision NOT NULL,
  PRIMARY KEY (file_id, table_name),
  CHECK (rows_read = rows_loaded + rows_rejected)
);
COMMENT ON TABLE almagest.load_table IS 'What each file gave to each table';
COMMENT ON COLUMN almagest.load_table.file_id IS 'The file';
COMMENT ON COLUMN almagest.load_table.table_name IS 'The table, as schema.table';
COMMENT ON COLUMN almagest.load_table.layout IS 'Layout of the catalogue by which the file was read';
COMMENT ON COLUMN almagest.load_table.hdus IS 'HDUs whose rows were joined; none for one row per file';
COMMENT ON COLUMN almagest.load_table.rows_read IS 'Rows of the file';
COMMENT ON COLUMN almagest.load_table.rows_loaded IS 'Rows in the table, by the count of the server';
COMMENT ON COLUMN almagest.load_table.rows_rejected IS 'Rows left out, see load_reject';
COMMENT ON COLUMN almagest.load_table.rejects_by_rule IS 'Rows left out, by the rule they broke';
COMMENT ON COLUMN almagest.load_table.nulls_from_nan IS 'Values of loaded rows that are NaN in the file and NULL here, by column';
COMMENT ON COLUMN almagest.load_table.ra_wrapped IS 'Right ascensions of loaded rows brought into [0, 360), by column';
COMMENT ON COLUMN almagest.load_table.seconds IS 'Time it took';
CREATE TABLE IF NOT EXISTS almagest.load_reject (
  file_id integer NOT NULL REFERENCES almagest.load_file,
  table_name text NOT NULL,
  hdu text NOT NULL,
  row_number bigint NOT NULL,
  column_name text NOT NULL,
  value text,
  rule text NOT NULL,
  detail text NOT NULL,
  PRIMARY KEY (file_id, table_name, row_number)
);
COMMENT ON TABLE almagest.load_reject IS 'Rows that were left out, with the first rule each broke';
COMMENT ON COLUMN almagest.load_reject.file_id IS 'The file';
COMMENT ON COLUMN almagest.load_reject.table_name IS 'Table that the row was meant for, as schema.table';
COMMENT ON COLUMN almagest.load_reject.hdu IS 'HDU of the value';
COMMENT ON COLUMN almagest.load_reject.row_number IS 'Row within the HDU, counted from 1';
COMMENT ON COLUMN almagest.load_reject.column_name IS 'Column of the table; several are separated by commas';
COMMENT ON COLUMN almagest.load_reject.value IS 'The value as it stands in the file';
COMMENT ON COLUMN almagest.load_reject.rule IS
  'range, not-null, vocabulary, overflow, encoding, duplicate-key or foreign-key';
COMMENT ON COLUMN almagest.load_reject.detail IS 'What the rule allows, or which row stands against this one'`

/** A ledger that was made before files could be staged. */
const upgrade = `
ALTER TABLE almagest.load_file DROP CONSTRAINT load_file_state_check, ADD CONSTRAINT load_file_state_check
  CHECK (state IN ('loading', 'loaded', 'failed', 'replaced', 'staged', 'discarded'))`

/** Makes the ledger's tables where they are not there yet. */
export async function ensureLedger(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean; staged: boolean }>(
    `SELECT to_regclass('almagest.load_reject') IS NOT NULL AS there,
       to_regclass('almagest.load_file_staged') IS NOT NULL AS staged`,
  )
  const { there, staged } = rows[0]!
  if (there && staged) return
  await client.transaction(async () => {
    // IF NOT EXISTS alone can still collide when two processes create at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    if (there) await client.query(upgrade)
    await client.query(ledgerDdl)
  })
}

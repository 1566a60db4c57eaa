// The record of cross-matches stored as tables: from which tables, how, when, and with how many rows.
import { randomBytes } from 'node:crypto'
import { AlmagestError, type CrossMatch, type MatchTable, nameOf } from '../../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../../postgres/index.ts'
import type { MatchPlan } from './plan.ts'
import type { MatchCounts, Prepared } from './prepare.ts'

/** A cross-match that was stored as a table. */
export interface StoredMatch extends MatchCounts {
  readonly table: string
  readonly rows: number
  readonly seconds: number
  readonly plan: MatchPlan
}

const recordDdl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.cross_match (
  match_id serial PRIMARY KEY,
  table_name text NOT NULL,
  table_oid oid NOT NULL,
  a_table text NOT NULL,
  a_columns text[] NOT NULL,
  b_table text NOT NULL,
  b_columns text[] NOT NULL,
  radius double precision NOT NULL,
  radius_column text,
  deviation double precision,
  epoch double precision,
  kept text NOT NULL,
  sky_index text NOT NULL,
  road text NOT NULL,
  a_rows bigint NOT NULL,
  a_skipped bigint NOT NULL,
  b_rows bigint NOT NULL,
  b_skipped bigint NOT NULL,
  rows bigint NOT NULL,
  seconds double precision NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE almagest.cross_match ADD COLUMN IF NOT EXISTS deviation double precision,
  ADD COLUMN IF NOT EXISTS epoch double precision;
COMMENT ON TABLE almagest.cross_match IS 'Cross-matches that were stored as tables; a table_oid that no table has means it is gone';
COMMENT ON COLUMN almagest.cross_match.radius IS 'Degrees; with radius_column the factor that turns it into degrees';
COMMENT ON COLUMN almagest.cross_match.deviation IS 'Largest separation in units of the combined error; radius is no limit then';
COMMENT ON COLUMN almagest.cross_match.epoch IS 'Julian years at which positions with proper motion were compared';
COMMENT ON COLUMN almagest.cross_match.a_table IS 'Name of the table, or of the file';
COMMENT ON COLUMN almagest.cross_match.b_table IS 'Name of the table, or of the file';
COMMENT ON COLUMN almagest.cross_match.a_columns IS 'Right ascension, declination, then the key';
COMMENT ON COLUMN almagest.cross_match.b_columns IS 'Right ascension, declination, then the key';
COMMENT ON COLUMN almagest.cross_match.a_skipped IS 'Rows without a position on the sphere, or with NULL in the key';
COMMENT ON COLUMN almagest.cross_match.b_skipped IS 'Rows without a position on the sphere, or with NULL in the key';
`

/** Makes the record where it isn't yet. */
export async function ensureRecord(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute
       WHERE attrelid = pg_catalog.to_regclass('almagest.cross_match') AND attname = 'deviation') AS there`,
  )
  if (!rows[0]!.there) await client.query(recordDdl)
}

/**
 * Puts an earlier result of that name aside. To drop it locks the tables that its foreign keys refer to, and these
 * are still to be read: that comes later.
 * @returns what drops it
 * @throws AlmagestError `MATCH_TABLE_EXISTS`
 */
export async function makeRoom(
  client: Client,
  table: string,
  { a, b }: CrossMatch,
  replace: boolean,
): Promise<() => Promise<void>> {
  const { rows } = await client.query<{ ours: boolean; read: boolean }>(
    `SELECT EXISTS (SELECT FROM almagest.cross_match m WHERE m.table_oid = t.oid) AS ours,
       t.oid IN (pg_catalog.to_regclass($2), pg_catalog.to_regclass($3)) AS read
     FROM (SELECT pg_catalog.to_regclass($1)::oid AS oid) t WHERE t.oid IS NOT NULL`,
    [table, a.table, b.table].map(quoteQualified),
  )
  if (rows.length === 0) return async () => {}
  if (replace && rows[0]!.ours && !rows[0]!.read) {
    const aside = `almagest_replaced_${randomBytes(6).toString('hex')}`
    await client.query(`ALTER TABLE ${quoteQualified(table)} RENAME TO ${quoteIdentifier(aside)}`)
    const [schema] = table.split('.')
    return async () => void (await client.query(`DROP TABLE ${quoteIdentifier(schema!, aside)}`))
  }
  const hint = rows[0]!.ours ? 'use --replace, or another name' : 'choose another name'
  const what = rows[0]!.ours ? 'holds an earlier cross-match' : 'exists and is no cross-match'
  throw new AlmagestError('MATCH_TABLE_EXISTS', 'usage', `the table ${table} ${what}`, hint, { value: table })
}

export async function recordMatch(client: Client, prepared: Prepared, stored: StoredMatch): Promise<void> {
  const { match, sky, plan } = prepared
  const { a, b, radius, keep } = match
  const perRow = typeof radius !== 'number'
  // the staged rows of a file have its columns with a space before their names
  const columns = ({ ra, dec, key }: MatchTable) => [ra.trim(), dec.trim(), ...key]
  await client.query(
    `INSERT INTO almagest.cross_match (table_name, table_oid, a_table, a_columns, b_table, b_columns, radius,
       radius_column, deviation, epoch, kept, sky_index, road, a_rows, a_skipped, b_rows, b_skipped, rows, seconds)
     VALUES ($1, pg_catalog.to_regclass($2), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      stored.table,
      quoteQualified(stored.table),
      nameOf(a),
      columns(a),
      nameOf(b),
      columns(b),
      perRow ? radius.degrees : radius,
      perRow ? radius.column.trim() : null,
      match.deviation ?? null,
      match.epoch ?? null,
      keep,
      sky.name,
      plan.road,
      stored.aRows,
      stored.aSkipped,
      stored.bRows,
      stored.bSkipped,
      stored.rows,
      stored.seconds,
    ],
  )
}

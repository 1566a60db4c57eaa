// The record of mapping runs: with which cosmology, tolerance and files the rows of the map were made, and when.
import type { VoidDeclaration } from '../model/index.ts'
import { type Client, quoteQualified } from '../postgres/index.ts'
import type { PlaceOptions } from './finder.ts'
import type { MappingSummary } from './map.ts'
import type { StoredRelease } from './release-tables.ts'
import type { WrittenRows } from './write-mapping.ts'

const recordDdl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.void_mapping (
  mapping_id serial PRIMARY KEY,
  survey text NOT NULL,
  map_table text NOT NULL,
  map_oid oid NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seconds double precision NOT NULL,
  tolerance double precision NOT NULL,
  shell double precision NOT NULL,
  reach double precision NOT NULL,
  galaxies bigint NOT NULL,
  galaxy_files integer[] NOT NULL,
  rows jsonb NOT NULL,
  is_current boolean NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS void_mapping_current ON almagest.void_mapping (survey) WHERE is_current;
COMMENT ON TABLE almagest.void_mapping IS 'Runs that mapped galaxies to voids; the current one made the rows of the map';
COMMENT ON COLUMN almagest.void_mapping.mapping_id IS 'Number of the run';
COMMENT ON COLUMN almagest.void_mapping.survey IS 'Survey whose galaxies were mapped';
COMMENT ON COLUMN almagest.void_mapping.map_table IS 'Table of the map, as schema.table';
COMMENT ON COLUMN almagest.void_mapping.map_oid IS 'Object identifier of that table: another one means it was built anew since';
COMMENT ON COLUMN almagest.void_mapping.finished_at IS 'End of the run';
COMMENT ON COLUMN almagest.void_mapping.seconds IS 'Time it took';
COMMENT ON COLUMN almagest.void_mapping.tolerance IS 'Half-width of a surface, Mpc/h';
COMMENT ON COLUMN almagest.void_mapping.shell IS 'Thickness of the shells, Mpc/h; 0 for none';
COMMENT ON COLUMN almagest.void_mapping.reach IS 'Distance from a surface up to which margins are stored, Mpc/h';
COMMENT ON COLUMN almagest.void_mapping.galaxies IS 'Galaxies that were mapped';
COMMENT ON COLUMN almagest.void_mapping.galaxy_files IS 'Files they came from, as numbered in almagest.load_file';
COMMENT ON COLUMN almagest.void_mapping.rows IS 'Rows written to each table';
COMMENT ON COLUMN almagest.void_mapping.is_current IS 'Whether the rows of the map are those of this run';
CREATE TABLE IF NOT EXISTS almagest.void_mapping_release (
  mapping_id integer NOT NULL REFERENCES almagest.void_mapping,
  source text NOT NULL,
  cap text NOT NULL,
  cosmology text NOT NULL,
  omega_m double precision NOT NULL,
  hubble double precision NOT NULL,
  z_low double precision,
  z_high double precision,
  file_id integer,
  file_name text,
  sha256 text,
  mask_file_id integer,
  counts jsonb NOT NULL,
  PRIMARY KEY (mapping_id, source, cap)
);
COMMENT ON TABLE almagest.void_mapping_release IS 'The void catalogue files of each mapping run';
COMMENT ON COLUMN almagest.void_mapping_release.mapping_id IS 'The run';
COMMENT ON COLUMN almagest.void_mapping_release.source IS 'Void finder';
COMMENT ON COLUMN almagest.void_mapping_release.cap IS 'Galactic cap';
COMMENT ON COLUMN almagest.void_mapping_release.cosmology IS 'The cosmology in words';
COMMENT ON COLUMN almagest.void_mapping_release.omega_m IS 'Matter density parameter';
COMMENT ON COLUMN almagest.void_mapping_release.hubble IS 'Reduced Hubble parameter h';
COMMENT ON COLUMN almagest.void_mapping_release.z_low IS 'Lower redshift limit';
COMMENT ON COLUMN almagest.void_mapping_release.z_high IS 'Upper redshift limit';
COMMENT ON COLUMN almagest.void_mapping_release.file_id IS 'The file, as numbered in almagest.load_file';
COMMENT ON COLUMN almagest.void_mapping_release.file_name IS 'Base name of the file';
COMMENT ON COLUMN almagest.void_mapping_release.sha256 IS 'SHA-256 of the file, in hexadecimal';
COMMENT ON COLUMN almagest.void_mapping_release.mask_file_id IS 'File of the mask; none where the footprint is unknown';
COMMENT ON COLUMN almagest.void_mapping_release.counts IS 'The summary of the run: members, pairs, environments, oddities'`

/** Makes the tables of the record where they are not there yet. Not within a transaction. */
export async function ensureRunRecord(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.void_mapping_release') IS NOT NULL AS there",
  )
  if (rows[0]?.there) return
  await client.transaction(async () => {
    // IF NOT EXISTS alone can still collide when two processes create at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    await client.query(recordDdl)
  })
}

/** What a run has to tell of itself. */
export interface RunToRecord {
  readonly survey: string
  readonly parameters: PlaceOptions
  readonly seconds: number
  readonly galaxies: number
  readonly rows: WrittenRows
  readonly releases: readonly { readonly stored: StoredRelease; readonly summary: MappingSummary }[]
}

/** Records a run as the current one of its survey. Within the transaction that writes its rows. */
export async function recordRun(client: Client, voids: VoidDeclaration, run: RunToRecord): Promise<void> {
  const { tolerance, shell, reach } = run.parameters
  await client.query('UPDATE almagest.void_mapping SET is_current = false WHERE survey = $1 AND is_current', [
    run.survey,
  ])
  const { rows } = await client.query<{ mapping_id: number }>(
    `INSERT INTO almagest.void_mapping
       (survey, map_table, map_oid, seconds, tolerance, shell, reach, galaxies, galaxy_files, rows, is_current)
     VALUES ($1, $2, $3::regclass, $4, $5, $6, $7, $8, $9, $10, true) RETURNING mapping_id`,
    [
      ...[run.survey, voids.map.name, quoteQualified(voids.map.name), run.seconds],
      ...[tolerance, shell, reach, run.galaxies, await galaxyFiles(client, voids), run.rows],
    ],
  )
  const files = await loadedFiles(client)
  for (const { stored, summary } of run.releases) {
    const { source, cap, cosmology, limits } = stored.release
    const file = stored.sourceFile === null ? undefined : files.get(stored.sourceFile)
    await client.query(
      `INSERT INTO almagest.void_mapping_release (mapping_id, source, cap, cosmology, omega_m, hubble, z_low, z_high,
         file_id, file_name, sha256, mask_file_id, counts)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        ...[rows[0]!.mapping_id, source, cap, summary.cosmology, cosmology.omegaM, cosmology.h],
        ...[finite(limits.low), finite(limits.high), stored.sourceFile, file?.name, file?.sha256],
        ...[stored.maskFile, summary],
      ],
    )
  }
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

async function hasLedger(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.load_table') IS NOT NULL AS there",
  )
  return rows[0]!.there
}

async function loadedFiles(client: Client) {
  if (!(await hasLedger(client))) return new Map<number, { name: string; sha256: string | null }>()
  const { rows } = await client.query<{ id: number; name: string; sha256: string | null }>(
    'SELECT file_id AS id, name, sha256 FROM almagest.load_file',
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Numbers of the files whose rows the galaxy table holds, by the ledger. */
export async function galaxyFiles(client: Client, { galaxies }: VoidDeclaration): Promise<number[]> {
  if (!(await hasLedger(client))) return []
  const { rows } = await client.query<{ file_id: number }>(
    `SELECT t.file_id FROM almagest.load_table t JOIN almagest.load_file USING (file_id)
     WHERE t.table_name = $1 AND state = 'loaded' ORDER BY 1`,
    [galaxies.catalog.name],
  )
  return rows.map((row) => row.file_id)
}

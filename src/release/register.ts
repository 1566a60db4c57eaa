// The register of releases: which there are, what each is made of, and what its content hashes to.
import { createHash } from 'node:crypto'
import { AlmagestError, nearest, type Survey } from '../model/index.ts'
import { type Client, ensureRegister, type Row } from '../postgres/index.ts'

const ddl = `
CREATE TABLE almagest.release (
  release_id serial PRIMARY KEY,
  survey text NOT NULL,
  name text NOT NULL,
  schema_name text NOT NULL UNIQUE,
  catalog_version text NOT NULL,
  fingerprint text NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_by text NOT NULL DEFAULT session_user,
  withdrawn_at timestamptz,
  UNIQUE (survey, name)
);
COMMENT ON TABLE almagest.release IS 'Releases: named states of a survey''s rows that do not change any more';
COMMENT ON COLUMN almagest.release.fingerprint IS 'SHA-256, in hexadecimal, of the tables, files, row numbers and hashes of its parts';
COMMENT ON COLUMN almagest.release.withdrawn_at IS 'When its schema was dropped; the name is not used again';
CREATE TABLE almagest.release_part (
  part_id serial PRIMARY KEY,
  survey text NOT NULL,
  table_name text NOT NULL,
  columns jsonb NOT NULL,
  file_id integer NOT NULL,
  file text,
  file_sha256 text,
  part_schema text NOT NULL,
  part_table text NOT NULL,
  rows bigint NOT NULL,
  hash text NOT NULL,
  UNIQUE (survey, table_name, file_id, hash, columns)
);
COMMENT ON TABLE almagest.release_part IS 'Rows that one file gave to one table: stored once, however many releases have them';
COMMENT ON COLUMN almagest.release_part.columns IS 'Names and types of the columns, sorted by name';
COMMENT ON COLUMN almagest.release_part.file_id IS 'Number of the file in the ledger; 0 for rows of no file';
COMMENT ON COLUMN almagest.release_part.hash IS 'SHA-256, in hexadecimal, of the rows, whatever their order';
CREATE TABLE almagest.release_content (
  release_id integer NOT NULL REFERENCES almagest.release,
  part_id integer NOT NULL REFERENCES almagest.release_part,
  PRIMARY KEY (release_id, part_id)
);
COMMENT ON TABLE almagest.release_content IS 'The parts of each release';
CREATE FUNCTION almagest.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% holds rows of a release, which do not change', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Change the tables of the survey, and publish another release.';
END $$;
COMMENT ON FUNCTION almagest.refuse_change() IS 'Refuses whatever would change the rows of a release'`

/** Makes the register of releases if it isn't there. */
export async function ensureReleases(client: Client): Promise<void> {
  await ensureRegister(client)
  if (await hasReleases(client)) return
  await client.transaction(async () => {
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    if (!(await hasReleases(client))) await client.query(ddl)
  })
}

async function hasReleases(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.release_content') IS NOT NULL AS there",
  )
  return rows[0]!.there
}

/** Rows of one table that came from one file. */
export interface ReleasePart {
  readonly partId: number
  /** `schema.table` of the survey. */
  readonly table: string
  /** Names and types of the columns, sorted by name. */
  readonly columns: readonly (readonly [name: string, type: string])[]
  /** Number of the file in the ledger; 0 for rows of no file. */
  readonly fileId: number
  readonly file: string | null
  readonly fileSha256: string | null
  readonly partSchema: string
  readonly partTable: string
  readonly rows: number
  readonly hash: string
}

export interface PublishedRelease {
  readonly releaseId: number
  readonly survey: string
  readonly name: string
  /** Schema in which its tables are read. */
  readonly schema: string
  readonly catalogVersion: string
  readonly fingerprint: string
  readonly publishedAt: Date
  readonly publishedBy: string
  readonly withdrawnAt: Date | null
  readonly parts: readonly ReleasePart[]
}

/** The releases there are, oldest first. */
export async function readReleases(client: Client): Promise<PublishedRelease[]> {
  if (!(await hasReleases(client))) return []
  const { rows } = await client.query<Omit<PublishedRelease, 'parts'> & Row>(
    `SELECT release_id AS "releaseId", survey, name, schema_name AS schema, catalog_version AS "catalogVersion",
       fingerprint, published_at AS "publishedAt", published_by AS "publishedBy", withdrawn_at AS "withdrawnAt"
     FROM almagest.release ORDER BY release_id`,
  )
  const releases: PublishedRelease[] = []
  for (const release of rows) {
    const parts = await client.query<ReleasePart & Row>(
      `${selectParts} JOIN almagest.release_content USING (part_id) WHERE release_id = $1
       ORDER BY table_name, file_id`,
      [release.releaseId],
    )
    releases.push({ ...release, parts: parts.rows })
  }
  return releases
}

export const selectParts = `SELECT part_id AS "partId", table_name AS "table", columns, file_id AS "fileId", file,
  file_sha256 AS "fileSha256", part_schema AS "partSchema", part_table AS "partTable", rows::float8 AS rows, hash
  FROM almagest.release_part`

/**
 * The release of that name.
 * @throws AlmagestError `RELEASE_UNKNOWN`
 */
export async function releaseNamed(
  client: Client,
  { name: survey }: Pick<Survey, 'name'>,
  name: string,
): Promise<PublishedRelease> {
  const all = (await readReleases(client)).filter((each) => each.survey === survey && !each.withdrawnAt)
  const found = all.find((each) => each.name === name)
  if (found) return found
  const names = all.map((each) => each.name)
  const near = nearest(name, names)
  throw new AlmagestError(
    'RELEASE_UNKNOWN',
    'usage',
    `${survey} has no release "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    names.length === 0 ? 'None was published yet.' : `The releases are: ${names.join(', ')}.`,
    { value: name },
  )
}

/** SHA-256 in hexadecimal of what the parts are: what a paper can cite, and nobody can imitate. */
export function fingerprintOfParts(
  parts: readonly Pick<ReleasePart, 'table' | 'columns' | 'fileId' | 'rows' | 'hash'>[],
): string {
  const lines = parts.map(({ table, columns, fileId, rows, hash }) =>
    JSON.stringify([table, fileId, columns, rows, hash]),
  )
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}

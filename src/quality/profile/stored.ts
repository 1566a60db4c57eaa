// What a profile holds, and where it is kept: in the database, or in a file.
import { AlmagestError } from '../../model/index.ts'
import type { Client } from '../../postgres/index.ts'
import { total } from './statistics.ts'

/** How a column was distributed. */
export interface Distribution {
  readonly nulls: number
  /** Inner edges of the bins, increasing; a bin holds its lower edge. None for columns that hold no measurement. */
  readonly edges: readonly number[]
  /** Values in each bin: below the first edge, between the edges, from the last edge on. NaN is in the last. */
  readonly counts: readonly number[]
}

export interface Profile {
  /** Version of this layout. */
  readonly schema: 'almagest-profile-1'
  readonly name: string
  readonly table: string
  readonly rows: number
  readonly madeAt: string
  /** Version of Almagest. */
  readonly version: string
  /** Files that the rows came from, as the ledger has them. */
  readonly files: readonly { readonly name: string; readonly sha256: string | null }[]
  readonly columns: Readonly<Record<string, Distribution>>
}

const ddl = `
CREATE SCHEMA IF NOT EXISTS almagest;
CREATE TABLE IF NOT EXISTS almagest.profile (
  name text NOT NULL,
  table_name text NOT NULL,
  profile jsonb NOT NULL,
  PRIMARY KEY (name, table_name)
);
COMMENT ON TABLE almagest.profile IS 'How the columns of tables were distributed, by almagest profile';
COMMENT ON COLUMN almagest.profile.name IS 'Name of the profile';
COMMENT ON COLUMN almagest.profile.table_name IS 'Table that it is of';
COMMENT ON COLUMN almagest.profile.profile IS 'Counts by bin, number of rows, files, time and version'`

/** Stores a profile; one of the same name and table is replaced. */
export async function storeProfile(client: Client, profile: Profile): Promise<void> {
  await client.query(ddl)
  await client.query(
    `INSERT INTO almagest.profile VALUES ($1, $2, $3)
     ON CONFLICT (name, table_name) DO UPDATE SET profile = excluded.profile`,
    [profile.name, profile.table, JSON.stringify(profile)],
  )
}

/** Stored profiles of a table, or of all tables. */
export async function storedProfiles(client: Client, table?: string): Promise<Profile[]> {
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.profile') IS NOT NULL AS there",
  )
  if (!there[0]?.there) return []
  const { rows } = await client.query<{ profile: Profile }>(
    `SELECT profile FROM almagest.profile WHERE $1::text IS NULL OR table_name = $1 ORDER BY name, table_name`,
    [table ?? null],
  )
  return rows.map(({ profile }) => profile)
}

/** The profiles in the text of a file. @throws AlmagestError `PROFILE_FAULTY` */
export function parseProfiles(text: string, file: string): Profile[] {
  const found = tryParse(text)
  const isProfile = (each: Profile) =>
    each?.schema === 'almagest-profile-1' &&
    typeof each.name === 'string' &&
    typeof each.table === 'string' &&
    Object.values(each.columns ?? {}).every(
      ({ edges, counts, nulls }) =>
        Number.isFinite(nulls) && counts?.length === edges?.length + 1 && Number.isFinite(total(counts)),
    )
  if (Array.isArray(found) && found.length > 0 && found.every(isProfile)) return found
  throw new AlmagestError(
    'PROFILE_FAULTY',
    'usage',
    `${file} is no file of profiles`,
    'Give a file that `almagest profile --out` wrote.',
    { file },
  )
}

function tryParse(text: string): Profile[] | undefined {
  try {
    return JSON.parse(text) as Profile[]
  } catch {
    return undefined
  }
}

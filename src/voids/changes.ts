// What has changed since the last mapping: nothing, galaxies that came, void files that came, or more than can be told apart.
import type { Catalog, Survey, VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import type { PlaceOptions } from './finder.ts'
import type { MappingSummary } from './map.ts'
import type { StoredRelease } from './release-tables.ts'
import { galaxyFiles } from './run-record.ts'
import type { WrittenRows } from './write-mapping.ts'

/** A run that is still what the tables hold. */
export interface RunBefore {
  readonly galaxies: number
  /** By source and cap, see {@link releaseName}. */
  readonly summaries: ReadonlyMap<string, MappingSummary>
}

export type Changes =
  /** Everything is to be mapped, for the reason given. */
  | { readonly kind: 'all'; readonly because: string }
  | { readonly kind: 'none'; readonly before: RunBefore }
  /** Rows of new files in the galaxy table. */
  | { readonly kind: 'galaxies'; readonly files: readonly number[]; readonly before: RunBefore }
  /** Sources of which a release is new or has another file or mask. */
  | { readonly kind: 'sources'; readonly sources: ReadonlySet<string>; readonly before: RunBefore }

export const releaseName = (source: string, cap: string) => `${source} ${cap}`

/** Compares the database with the record of the current run. Rows that were changed by hand in place go unseen. */
export async function changesSince(
  client: Client,
  survey: Survey,
  voids: VoidDeclaration,
  stored: readonly StoredRelease[],
  { tolerance, shell, reach }: PlaceOptions,
): Promise<Changes> {
  const all = (because: string): Changes => ({ kind: 'all', because })
  const { rows: runs } = await client.query<{
    id: number
    galaxies: number
    files: number[]
    rows: WrittenRows
    same: boolean
  }>(
    `SELECT mapping_id AS id, galaxies::float8 AS galaxies, galaxy_files AS files, rows,
       (tolerance, shell, reach) = ($2, $3, $4) AS same
     FROM almagest.void_mapping WHERE survey = $1 AND is_current AND map_oid = $5::regclass`,
    [survey.name, tolerance, shell, reach, quoteQualified(voids.map.name)],
  )
  const run = runs[0]
  if (!run) return all('there is no mapping yet')
  if (!run.same) return all('tolerance, shell or reach differ from those of the last mapping')
  const counted = await countRows(client, voids)
  for (const [table, rows] of Object.entries(counted)) {
    if (rows !== run.rows[table as keyof WrittenRows])
      return all(`the rows of ${table} are not those of the last mapping`)
  }
  const releases = await changedReleases(client, run.id, stored)
  if (!releases) return all('a void catalogue of the last mapping is gone')
  const fileColumn = fileColumnOf(voids.galaxies.catalog)
  const files = (await galaxyFiles(client, voids)).filter((file) => !run.files.includes(file))
  const { rows: found } = await client.query<{ all: number; added: number }>(
    `SELECT count(*)::float8 AS all, ${fileColumn ? `count(*) FILTER (WHERE ${quoteIdentifier(fileColumn)} = ANY ($1))::float8` : '0 * cardinality($1::integer[])'} AS added
     FROM ${quoteQualified(voids.galaxies.catalog.name)}`,
    [files],
  )
  const { all: galaxies, added } = found[0]!
  const before = { galaxies: run.galaxies, summaries: releases.summaries }
  if (galaxies - added !== run.galaxies)
    return all('galaxies of the last mapping are gone, or came without a file')
  if (added > 0 && releases.changed.size > 0) return all('both galaxies and void catalogues are new')
  if (added > 0) return { kind: 'galaxies', files, before }
  return releases.changed.size > 0
    ? { kind: 'sources', sources: releases.changed, before }
    : { kind: 'none', before }
}

/** Sources with a release that the run did not map as it is now; undefined where one that it mapped is gone. */
async function changedReleases(client: Client, run: number, stored: readonly StoredRelease[]) {
  const { rows } = await client.query<{
    source: string
    cap: string
    file: number | null
    mask: number | null
    counts: MappingSummary
  }>(
    'SELECT source, cap, file_id AS file, mask_file_id AS mask, counts FROM almagest.void_mapping_release WHERE mapping_id = $1',
    [run],
  )
  const known = new Map(rows.map((row) => [releaseName(row.source, row.cap), row]))
  const changed = new Set<string>()
  for (const { release, sourceFile, maskFile } of stored) {
    const name = releaseName(release.source, release.cap)
    const row = known.get(name)
    // Runs of earlier versions didn't measure distances to the edge.
    const unmeasured = release.footprint && row?.counts.withinFootprint === undefined
    if (!row || row.file !== sourceFile || row.mask !== maskFile || unmeasured) changed.add(release.source)
    known.delete(name)
  }
  if (known.size > 0) return undefined
  return { changed, summaries: new Map(rows.map((row) => [releaseName(row.source, row.cap), row.counts])) }
}

/** The column that holds the number of a row's file, if the catalogue has one. */
export function fileColumnOf({ columns }: Catalog): string | undefined {
  const found = Object.entries(columns).find(
    ([, { source }]) => typeof source === 'object' && source.kind === 'file',
  )
  return found?.[0]
}

/** Rows that the mapped tables hold. */
export async function countRows(client: Client, voids: VoidDeclaration): Promise<WrittenRows> {
  const { map, details, environments, spheres, zoneVoids } = voids
  const tables = { map, details, environments, spheres, zoneVoids }
  const counts = Object.entries(tables).map(
    ([name, { name: table }]) =>
      `(SELECT count(*)::float8 FROM ${quoteQualified(table)}) AS ${quoteIdentifier(name)}`,
  )
  const { rows } = await client.query<{ [K in keyof WrittenRows]: number }>(`SELECT ${counts.join(', ')}`)
  return rows[0]!
}

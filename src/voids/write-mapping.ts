// Writing a mapping: the rows of the map, its details, the environments and the spheres.
import { edgeDistanceColumn, environmentColumn, environments, type VoidDeclaration } from '../model/index.ts'
import type { Client, CopyWriter } from '../postgres/index.ts'
import { copyRows, type RowChunk, refill } from './bulk-load.ts'
import { UNKNOWN_ENVIRONMENT } from './environment.ts'
import type { DetailChunk, EnvironmentChunk, PairChunk, ZoneVoidChunk } from './mapped-rows.ts'

/** Everything that a mapping has to write. */
export interface Gathered {
  readonly pairs: DetailChunk[]
  readonly spherePairs: PairChunk[]
  readonly environments: EnvironmentChunk[]
  readonly zoneVoids: readonly ZoneVoidChunk[]
}

/** Rows written to each table. */
export type WrittenRows = Readonly<
  Record<'map' | 'details' | 'environments' | 'spheres' | 'zoneVoids', number>
>

export type Tell = (
  phase: 'pairs' | 'environments' | 'indexes',
  done: number,
  total: number | undefined,
) => void

/** Replaces the rows of the mapped tables. Runs in the caller's transaction. */
export async function writeMapping(
  client: Client,
  voids: VoidDeclaration,
  gathered: Gathered,
  tell: Tell,
): Promise<WrittenRows> {
  const tables = [voids.details, voids.map, voids.environments, voids.spheres, voids.zoneVoids].map(
    ({ name }) => name,
  )
  let rows: WrittenRows | undefined
  await refill(client, tables, async () => {
    rows = await addMapping(client, voids, gathered, tell)
    tell('indexes', 0, undefined)
  })
  return rows!
}

/** Adds rows to the mapped tables, indexes and keys kept up. */
export async function addMapping(
  client: Client,
  voids: VoidDeclaration,
  { pairs, spherePairs, environments: words, zoneVoids: zones }: Gathered,
  tell: Tell,
): Promise<WrittenRows> {
  const { map, details, spheres } = await addPairs(client, voids, { pairs, spherePairs }, tell)
  const { key } = voids.galaxies
  const sources = [...(words[0]?.codes.keys() ?? [])]
  const withEdge = sourcesWithEdge(voids, sources)
  const columns = [key, ...sources.map(environmentColumn), ...withEdge.map(edgeDistanceColumn), 'margin']
  const galaxies = words.reduce((sum, { ids }) => sum + ids.length, 0)
  tell('environments', 0, galaxies)
  const stored = await copyRows(
    client,
    voids.environments.name,
    columns,
    words.map((each) => environmentRows(each, withEdge)),
  )
  tell('environments', galaxies, galaxies)
  const zoneVoids = await addZoneVoids(client, voids, zones)
  return { map, details, environments: stored, spheres, zoneVoids }
}

/** Adds pairs to the map, its details and the spheres. */
export async function addPairs(
  client: Client,
  voids: VoidDeclaration,
  { pairs, spherePairs }: Pick<Gathered, 'pairs' | 'spherePairs'>,
  tell: Tell,
): Promise<Pick<WrittenRows, 'map' | 'details' | 'spheres'>> {
  const { key } = voids.galaxies
  const total = 2 * countRows(pairs) + countRows(spherePairs)
  tell('pairs', 0, total)
  const map = await copyRows(client, voids.map.name, [key, 'void_id'], pairs.map(mapRows))
  tell('pairs', map, total)
  const details = await copyRows(client, voids.details.name, [key, ...detailColumns], pairs.map(detailRows))
  tell('pairs', map + details, total)
  const spheres = await copyRows(
    client,
    voids.spheres.name,
    [key, 'void_id', ...distanceColumns],
    spherePairs.map(sphereRows),
  )
  tell('pairs', total, total)
  return { map, details, spheres }
}

export function addZoneVoids(
  client: Client,
  voids: VoidDeclaration,
  zones: Gathered['zoneVoids'],
): Promise<number> {
  return copyRows(client, voids.zoneVoids.name, zoneVoidColumns, zones.map(zoneVoidRows))
}

const countRows = (chunks: readonly PairChunk[]) => chunks.reduce((sum, { galaxy }) => sum + galaxy.length, 0)

const distanceColumns = ['center_distance', 'center_distance_radii']
const detailColumns = [
  'void_id',
  'void_catalog_source',
  'margin',
  ...distanceColumns,
  'depth',
  'void_at_edge',
  'environment',
]

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

function writePair(writer: CopyWriter, { of, ids, galaxy, void: voidRow }: PairChunk, row: number): void {
  writer.row()
  writer.value('bigint', ids[galaxy[row]!]!)
  writer.value('integer', of.voidId[voidRow[row]!]!)
}

function writeDistances(writer: CopyWriter, { of, void: voidRow, distance }: PairChunk, row: number): void {
  const radius = of.radius[voidRow[row]!]!
  writer.value('double precision', orNull(distance[row]!))
  writer.value('double precision', radius > 0 ? orNull(distance[row]! / radius) : null)
}

const mapRows = (pairs: PairChunk): RowChunk => ({
  rows: pairs.galaxy.length,
  write: (writer, row) => writePair(writer, pairs, row),
})

const detailRows = (pairs: DetailChunk): RowChunk => ({
  rows: pairs.galaxy.length,
  write(writer, row) {
    writePair(writer, pairs, row)
    writer.value('text', pairs.of.source)
    writer.value('double precision', orNull(pairs.margin[row]!))
    writeDistances(writer, pairs, row)
    writer.value('integer', pairs.depth[row]! < 0 ? null : pairs.depth[row]!)
    writer.value('boolean', pairs.atEdge[row] === 255 ? null : pairs.atEdge[row] === 1)
    writer.value('text', environments[pairs.environment[row]!] ?? null)
  },
})

const sphereRows = (pairs: PairChunk): RowChunk => ({
  rows: pairs.galaxy.length,
  write(writer, row) {
    writePair(writer, pairs, row)
    writeDistances(writer, pairs, row)
  },
})

/** The sources that have a column for distances to the edge. */
export function sourcesWithEdge(
  { environments: { columns } }: VoidDeclaration,
  sources: readonly string[],
): string[] {
  return sources.filter((source) => edgeDistanceColumn(source) in columns)
}

/**
 * One row for each galaxy of which at least one finder can tell something, or for all galaxies.
 * @param withEdge  sources whose distance to the edge is a column; NULL without a loaded mask
 */
export function environmentRows(
  { ids, codes, margin, edgeDistances }: EnvironmentChunk,
  withEdge: readonly string[],
  all = false,
): RowChunk {
  const columns = [...codes.values()]
  const distances = withEdge.map((source) => edgeDistances.get(source))
  return {
    rows: ids.length,
    write(writer, row) {
      if (!all && columns.every((each) => each[row] === UNKNOWN_ENVIRONMENT)) return
      writer.row()
      writer.value('bigint', ids[row]!)
      for (const each of columns) writer.value('text', environments[each[row]!] ?? null)
      for (const each of distances) writer.value('real', orNull(each?.[row] ?? Number.NaN))
      writer.value('real', orNull(margin[row]!))
    },
  }
}

const zoneVoidColumns = ['void_catalog_source', 'cap', 'zone', 'void_id', 'derived', 'complete']

const zoneVoidRows = ({ source, cap, voidId, entries }: ZoneVoidChunk): RowChunk => ({
  rows: entries.zone.length,
  write(writer, row) {
    writer.row()
    writer.value('text', source)
    writer.value('text', cap)
    writer.value('bigint', BigInt(entries.zone[row]!))
    writer.value('integer', voidId[entries.void[row]!]!)
    writer.value('boolean', entries.derived[row] === 1)
    writer.value('boolean', entries.complete[row] === 1)
  },
})

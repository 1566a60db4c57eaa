// Galaxies streamed out of the database and placed, here or by threads, until all that is to be written is together.
import { availableParallelism } from 'node:os'
import type { VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified, readCopy } from '../postgres/index.ts'
import { fileColumnOf } from './changes.ts'
import { countEnvironments, type Environment } from './environment.ts'
import type { Finder, PlaceOptions } from './finder.ts'
import { finderNamed } from './finders.ts'
import type { GalaxyBatch } from './galaxies.ts'
import type { DetailChunk, EnvironmentChunk, PairChunk, PairSource } from './mapped-rows.ts'
import { batchPlacer, type PlacedBatch, type PlacedTotals, type ToPlace } from './place-batch.ts'
import { type BatchRoad, placingThreads } from './place-threads.ts'
import type { StoredRelease } from './release-tables.ts'

/** What a mapping needs to place galaxies. */
export interface GatherWork {
  readonly client: Client
  readonly voids: VoidDeclaration
  readonly finders: ReadonlyMap<string, Finder>
  readonly parameters: PlaceOptions
  /** Threads that place; undefined: as many as are worth it; 0: none. */
  readonly threads: number | undefined
  readonly tell: (phase: 'galaxies', done: number, total: number | undefined) => void
}

/** All that the galaxies say, in the order in which the database gave them. */
export interface GatheredGalaxies {
  readonly pairs: DetailChunk[]
  readonly spherePairs: PairChunk[]
  readonly environments: EnvironmentChunk[]
  readonly totals: PlacedTotals
  readonly galaxies: number
}

/** Fewer galaxies are placed before a thread has begun. */
const WORTH_THREADS = 500_000
const MOST_THREADS = 4

/**
 * Places the galaxies of some files, or all.
 * @param files  numbers of the files in the ledger
 * @throws AlmagestError those of `createMapping`
 */
export async function gatherGalaxies(
  work: GatherWork,
  stored: readonly StoredRelease[],
  files?: readonly number[],
): Promise<GatheredGalaxies> {
  const { client, voids, finders, parameters, tell } = work
  const total = await estimateRows(client, voids.galaxies.catalog.name)
  const toPlace: ToPlace = { releases: stored.map(({ release }) => release), parameters }
  const road = roadOf(toPlace, finders, work.threads ?? threadsFor(files ? 0 : (total ?? 0)))
  const sources = stored.map(pairSource)
  const gathered = { pairs: [], spherePairs: [], environments: [] } as Pick<
    GatheredGalaxies,
    'pairs' | 'spherePairs' | 'environments'
  >
  let galaxies = 0
  const keep = ({ id: ids }: GalaxyBatch, { details, environments, spheres }: PlacedBatch) => {
    details.forEach((each, i) => void gathered.pairs.push({ ...each, of: sources[i]!, ids }))
    spheres.forEach(
      (each, i) => void gathered.spherePairs.push({ ...each, of: sources[i % sources.length]!, ids }),
    )
    gathered.environments.push({ ...environments, ids })
    galaxies += ids.length
    tell('galaxies', galaxies, total && Math.max(total, galaxies))
  }
  try {
    const underWay: { batch: GalaxyBatch; placed: Promise<PlacedBatch> }[] = []
    const keepFirst = async () => {
      const { batch, placed } = underWay.shift()!
      keep(batch, await placed)
    }
    for await (const batch of readGalaxies(client, voids.galaxies, files)) {
      const placed = road.place(batch)
      // A failure is thrown where its turn comes; until then it must not count as unhandled.
      placed.catch(() => {})
      underWay.push({ batch, placed })
      if (underWay.length > road.width) await keepFirst()
    }
    while (underWay.length > 0) await keepFirst()
    return { ...gathered, totals: await road.totals(), galaxies }
  } finally {
    await road.end()
  }
}

/** One core stays with reading; finders that threads can't find for themselves keep all in this one. */
function threadsFor(galaxies: number): number {
  if (galaxies < WORTH_THREADS) return 0
  return Math.min(MOST_THREADS, availableParallelism() - 1)
}

function roadOf(toPlace: ToPlace, finders: ReadonlyMap<string, Finder>, threads: number): BatchRoad {
  if (threads > 0) return placingThreads(toPlace, threads)
  const placer = batchPlacer(toPlace, finders, (source) => finderNamed(source, finders))
  return {
    width: 0,
    place: async (batch) => placer.place(batch),
    totals: async () => placer.totals(),
    end: async () => {},
  }
}

/** The planner's estimate; undefined for a table that was never analysed. */
async function estimateRows(client: Client, table: string): Promise<number | undefined> {
  const { rows } = await client.query<{ estimate: number }>(
    'SELECT reltuples::float8 AS estimate FROM pg_class WHERE oid = $1::regclass',
    [quoteQualified(table)],
  )
  const estimate = rows[0]?.estimate ?? -1
  return estimate > 0 ? estimate : undefined
}

async function* readGalaxies(
  client: Client,
  { catalog, key, ra, dec, z }: VoidDeclaration['galaxies'],
  files: readonly number[] | undefined,
): AsyncGenerator<GalaxyBatch> {
  const columns = [
    `${quoteIdentifier(key)}::bigint`,
    ...[ra, dec, z].map((c) => `${quoteIdentifier(c)}::float8`),
  ]
  const fileColumn = fileColumnOf(catalog)
  const where =
    files && fileColumn ? `WHERE ${quoteIdentifier(fileColumn)} IN (${files.map(Number).join(', ')})` : ''
  const chunks = client.copyOut(
    `COPY (SELECT ${columns.join(', ')} FROM ${quoteQualified(catalog.name)} ${where}) TO STDOUT (FORMAT binary)`,
  )
  const types = ['bigint', 'double precision', 'double precision', 'double precision'] as const
  for await (const { columns } of readCopy(chunks, types)) {
    const [id, ...angles] = columns
    for (const { values, nulls } of angles) {
      for (let i = 0; i < nulls.length; i++) if (nulls[i] === 1) values[i] = Number.NaN
    }
    yield { id: id.values, ra: angles[0].values, dec: angles[1].values, z: angles[2].values }
  }
}

function pairSource({ release: { source, voids }, voidId }: StoredRelease): PairSource {
  return { source, voidId, radius: voids.radius }
}

/** Galaxies by source and environment. */
export function countWords({
  environments,
}: Pick<GatheredGalaxies, 'environments'>): Record<
  string,
  Record<Environment, number> & { unknown: number }
> {
  const bySource: Record<string, Record<Environment, number> & { unknown: number }> = {}
  for (const { codes } of environments) {
    for (const [source, environment] of codes) {
      const more = countEnvironments(environment)
      const total = bySource[source]
      if (!total) bySource[source] = more
      else for (const word of Object.keys(more) as Environment[]) total[word] += more[word]
    }
  }
  return bySource
}

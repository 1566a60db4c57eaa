// The mapping inside a database: galaxies out, membership in every void release, pairs and environments back in.
import { AlmagestError, nearest, type Survey, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified, readCopy } from '../postgres/index.ts'
import { ensureCosmologyFunctions, storeCosmology } from './cosmology-sql.ts'
import { countEnvironments, type Environment } from './environment.ts'
import type { Finder, PlaceOptions } from './finder.ts'
import { loadFinders } from './finders.ts'
import type { GalaxyBatch } from './galaxies.ts'
import { SURFACE_TOLERANCE } from './hole-union.ts'
import { createMapping, type Mapping, type MappingSummary } from './map.ts'
import {
  detailChunk,
  environmentChunk,
  type PairSource,
  pairChunk,
  type ZoneVoidChunk,
} from './mapped-rows.ts'
import { readReleases, type StoredRelease } from './release-tables.ts'
import { ensureRunRecord, recordRun } from './run-record.ts'
import { type Gathered, type WrittenRows, writeMapping } from './write-mapping.ts'
import { zoneVoidEntries, zoneVolumes } from './zone-hierarchy.ts'

/** Margins are stored up to this far outside a surface, Mpc/h, unless the caller says otherwise. */
const DEFAULT_REACH = 1

export interface MapVoidsProgress {
  readonly phase: 'tables' | 'galaxies' | 'pairs' | 'environments' | 'indexes'
  /** Rows done, and the rows expected where that is known. */
  readonly done: number
  readonly total: number | undefined
}

export interface MapVoidsOptions extends Partial<PlaceOptions> {
  readonly onProgress?: (progress: MapVoidsProgress) => void
  readonly finders?: ReadonlyMap<string, Finder>
}

export interface MapVoidsSummary {
  readonly galaxies: number
  /** One per source and cap, each finder by its own meaning of membership. */
  readonly releases: readonly MappingSummary[]
  /** The effective-radius spheres around the same voids. */
  readonly spheres: readonly MappingSummary[]
  /** Galaxies by source and environment, over all caps of the source. */
  readonly environments: Readonly<Record<string, Readonly<Record<Environment, number> & { unknown: number }>>>
  /** Rows written to each table. */
  readonly rows: WrittenRows
}

/**
 * Maps every galaxy of the survey to the voids of every release in its database, in one transaction: the map, its
 * details, the environments and the spheres are replaced together or not at all, so a second run changes nothing.
 * Memory: the void tables, 30 bytes a pair (16 in spheres) and 16 bytes a galaxy.
 * The run is recorded in almagest.void_mapping.
 * @throws AlmagestError `VOIDS_NOT_DECLARED`, `VOIDS_PARAMETER`, `VOIDS_NOT_LOADED`, `VOIDS_UNKNOWN_SOURCE`, those of `createMapping`,
 *   and the server's errors as they come
 */
export async function mapVoids(
  client: Client,
  survey: Survey,
  options: MapVoidsOptions = {},
): Promise<MapVoidsSummary> {
  const { voids } = survey
  if (!voids) throw notDeclared(survey)
  const finders = options.finders ?? (await loadFinders())
  const parameters = parametersOf(options)
  const started = performance.now()
  await ensureRunRecord(client)
  await ensureCosmologyFunctions(client)
  return client.transaction(async () => {
    // One snapshot for all that is read; the lock, taken before it, keeps two mappings apart.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    await client.query(`LOCK TABLE ${quoteQualified(voids.map.name)} IN SHARE ROW EXCLUSIVE MODE`)
    const { stored, run } = await placeAll(client, voids, finders, parameters, options.onProgress)
    const rows = await writeMapping(client, voids, run, (phase, done, total) =>
      options.onProgress?.({ phase, done, total }),
    )
    const summary = summarize(run, rows)
    for (const { release } of stored) await storeCosmology(client, release.cosmology)
    await recordRun(client, voids, {
      ...{ survey: survey.name, parameters, galaxies: run.galaxies, rows },
      seconds: (performance.now() - started) / 1000,
      releases: stored.map((each, i) => ({ stored: each, summary: summary.releases[i]! })),
    })
    return summary
  })
}

/** The parameters with their defaults. @throws AlmagestError `VOIDS_PARAMETER` for one that is negative or no number */
function parametersOf({ tolerance = SURFACE_TOLERANCE, shell = 0, reach }: MapVoidsOptions): PlaceOptions {
  const parameters = { tolerance, shell, reach: Math.max(reach ?? DEFAULT_REACH, shell, tolerance) }
  for (const [name, value] of Object.entries({ ...parameters, reach: reach ?? DEFAULT_REACH })) {
    if (Number.isFinite(value) && value >= 0) continue
    throw new AlmagestError(
      'VOIDS_PARAMETER',
      'usage',
      `${name} = ${value} Mpc/h is no length`,
      'The tolerance, the shell and the reach are lengths of 0 or more, in Mpc/h.',
      { column: name, value: String(value) },
    )
  }
  return parameters
}

function notDeclared(survey: Survey): AlmagestError {
  return new AlmagestError(
    'VOIDS_NOT_DECLARED',
    'usage',
    `the survey "${survey.name}" declares no void catalogues`,
    'Map a survey whose definition has "voids", built with vastCatalogs.',
    { path: 'voids' },
  )
}

interface Run extends Gathered {
  readonly releases: Mapping
  readonly spheres: Mapping
  galaxies: number
}

/** Streams the galaxies out of the database and gathers what the mapping says of them. */
async function placeAll(
  client: Client,
  voids: VoidDeclaration,
  finders: ReadonlyMap<string, Finder>,
  place: PlaceOptions,
  onProgress: MapVoidsOptions['onProgress'],
): Promise<{ stored: StoredRelease[]; run: Run }> {
  onProgress?.({ phase: 'tables', done: 0, total: undefined })
  const stored = await readReleases(client, voids)
  const sphereFinders = [...finders.values()].filter(({ membership }) => membership === 'sphere')
  const spheres = sphereFinders.flatMap((finder) => stored.map((each) => ({ ...each, finder })))
  const run: Run = {
    releases: createMapping(
      stored.map(({ release }) => ({ release, finder: finderOf(release.source, finders) })),
      place,
    ),
    spheres: createMapping(spheres, place),
    ...{ pairs: [], spherePairs: [], environments: [], galaxies: 0 },
    zoneVoids: zoneVoidsOf(stored),
  }
  const total = await estimateRows(client, voids.galaxies.catalog.name)
  for await (const batch of readGalaxies(client, voids.galaxies)) {
    gather(run, batch, stored, spheres)
    onProgress?.({
      phase: 'galaxies',
      done: run.galaxies,
      total: total && Math.max(total, run.galaxies),
    })
  }
  return { stored, run }
}

/** Every void that is known of each zone, release by release. */
function zoneVoidsOf(stored: readonly StoredRelease[]): ZoneVoidChunk[] {
  const releases = stored.map(({ release }) => release)
  return stored.flatMap(({ release, voidId }) => {
    const { source, cap, voids, zones } = release
    if (!zones) return []
    return [{ source, cap, voidId, entries: zoneVoidEntries(voids, zones, zoneVolumes(release, releases)) }]
  })
}

function finderOf(source: string, finders: ReadonlyMap<string, Finder>): Finder {
  const found = finders.get(source)
  if (found && found.membership !== 'sphere') return found
  const known = [...finders.keys()]
  const similar = nearest(source, known)
  throw new AlmagestError(
    'VOIDS_UNKNOWN_SOURCE',
    'data',
    `no finder knows the void source "${source}"; there are ${known.join(', ')}`,
    `${similar ? `Did you mean "${similar}"? ` : ''}A finder is a folder under src/voids/finders.`,
    { value: source },
  )
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
): AsyncGenerator<GalaxyBatch> {
  const columns = [
    `${quoteIdentifier(key)}::bigint`,
    ...[ra, dec, z].map((c) => `${quoteIdentifier(c)}::float8`),
  ]
  const chunks = client.copyOut(
    `COPY (SELECT ${columns.join(', ')} FROM ${quoteQualified(catalog.name)}) TO STDOUT (FORMAT binary)`,
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

function gather(
  run: Run,
  batch: GalaxyBatch,
  stored: readonly StoredRelease[],
  spheres: readonly StoredRelease[],
): void {
  const mapped = run.releases.place(batch)
  mapped.forEach((each, i) => {
    run.pairs.push(detailChunk(pairSource(stored[i]!), batch.id, each))
  })
  run.environments.push(environmentChunk(batch.id, mapped))
  run.spheres.place(batch).forEach((each, i) => {
    run.spherePairs.push(pairChunk(pairSource(spheres[i]!), batch.id, each))
  })
  run.galaxies += batch.id.length
}

function pairSource({ release: { source, voids }, voidId }: StoredRelease): PairSource {
  return { source, voidId, radius: voids.radius }
}

function summarize(run: Run, rows: WrittenRows): MapVoidsSummary {
  const bySource: Record<string, Record<Environment, number> & { unknown: number }> = {}
  for (const { codes } of run.environments) {
    for (const [source, environment] of codes) {
      const more = countEnvironments(environment)
      const total = bySource[source]
      if (!total) bySource[source] = more
      else for (const word of Object.keys(more) as Environment[]) total[word] += more[word]
    }
  }
  return {
    galaxies: run.galaxies,
    releases: run.releases.summaries(),
    spheres: run.spheres.summaries(),
    environments: bySource,
    rows,
  }
}

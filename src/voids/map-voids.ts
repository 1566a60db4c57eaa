// The mapping inside a database: galaxies out, membership in every void release, pairs and environments back in.
import { AlmagestError, nearest, type Survey, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified, readCopy } from '../postgres/index.ts'
import { type Changes, changesSince, countRows, fileColumnOf, releaseName } from './changes.ts'
import { ensureCosmologyFunctions, storeCosmology } from './cosmology-sql.ts'
import { countEnvironments, type Environment } from './environment.ts'
import { summarise } from './environment-summary.ts'
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
import { addSummaries, countStored, replaceSources } from './write-changes.ts'
import { addMapping, type Gathered, type Tell, type WrittenRows, writeMapping } from './write-mapping.ts'
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
  /** Map only what is new since the last mapping; all of it where that can't be told. */
  readonly onlyNew?: boolean
  readonly onProgress?: (progress: MapVoidsProgress) => void
  readonly finders?: ReadonlyMap<string, Finder>
}

export interface MapVoidsSummary {
  readonly galaxies: number
  /** One per source and cap, each finder by its own meaning of membership. */
  readonly releases: readonly MappingSummary[]
  /** The effective-radius spheres around the same voids; none told when only what is new was mapped. */
  readonly spheres: readonly MappingSummary[]
  /** Galaxies by source and environment, over all caps of the source. */
  readonly environments: Readonly<Record<string, Readonly<Record<Environment, number> & { unknown: number }>>>
  /** Rows of each table. */
  readonly rows: WrittenRows
  /** What was mapped, and why it was all where only what is new was asked for. */
  readonly mapped: Changes['kind']
  readonly because?: string
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
    options.onProgress?.({ phase: 'tables', done: 0, total: undefined })
    const stored = await readReleases(client, voids)
    const changes: Changes = options.onlyNew
      ? await changesSince(client, survey, voids, stored, parameters)
      : { kind: 'all', because: '' }
    const work = { client, voids, finders, parameters, stored, onProgress: options.onProgress }
    const summary = changes.kind === 'all' ? await mapAll(work) : await mapChanges(work, changes)
    if (changes.kind === 'none') return summary
    await summarise(client, voids)
    for (const { release } of stored) await storeCosmology(client, release.cosmology)
    await recordRun(client, voids, {
      ...{ survey: survey.name, parameters, galaxies: summary.galaxies, rows: summary.rows },
      seconds: (performance.now() - started) / 1000,
      releases: stored.map((each, i) => ({ stored: each, summary: summary.releases[i]! })),
    })
    return changes.kind === 'all' && options.onlyNew ? { ...summary, because: changes.because } : summary
  })
}

interface Work {
  readonly client: Client
  readonly voids: VoidDeclaration
  readonly finders: ReadonlyMap<string, Finder>
  readonly parameters: PlaceOptions
  readonly stored: readonly StoredRelease[]
  readonly onProgress: MapVoidsOptions['onProgress']
}

async function mapAll(work: Work): Promise<MapVoidsSummary> {
  const { client, voids, stored, onProgress } = work
  const run = await placeAll(work, stored)
  const rows = await writeMapping(
    client,
    voids,
    { ...run, zoneVoids: zoneVoidsOf(stored) },
    (phase, done, total) => onProgress?.({ phase, done, total }),
  )
  return {
    ...{ galaxies: run.galaxies, releases: run.releases.summaries(), spheres: run.spheres.summaries() },
    ...{ environments: environmentsOf(run), rows, mapped: 'all' },
  }
}

/** Adds the rows of new galaxies, or replaces those of sources with new files; the rest stays as it is. */
async function mapChanges(work: Work, changes: Exclude<Changes, { kind: 'all' }>): Promise<MapVoidsSummary> {
  const { client, voids, stored, onProgress } = work
  const tell: Tell = (phase, done, total) => onProgress?.({ phase, done, total })
  const { kind, before } = changes
  const replaced = kind === 'sources' ? withHoles(changes.sources, stored) : new Set<string>()
  const only = kind === 'sources' ? stored.filter(({ release }) => replaced.has(release.source)) : stored
  const files = kind === 'galaxies' ? changes.files : undefined
  const run = kind === 'none' ? undefined : await placeAll(work, only, files)
  if (run && kind === 'galaxies') await addMapping(client, voids, run, tell)
  if (run && kind === 'sources') {
    const hasMargins = only.some(({ release }) => release.holes !== undefined)
    await replaceSources(
      client,
      voids,
      replaced,
      { ...run, zoneVoids: zoneVoidsOf(stored) },
      tell,
      hasMargins,
    )
  }
  const galaxies = before.galaxies + (kind === 'galaxies' ? run!.galaxies : 0)
  const fresh = new Map(
    (run?.releases.summaries() ?? []).map((each) => [releaseName(each.source, each.cap), each]),
  )
  const releases = stored.map(({ release }) => {
    const name = releaseName(release.source, release.cap)
    const [old, now] = [before.summaries.get(name), fresh.get(name)]
    return old && now && kind === 'galaxies' ? addSummaries(old, now, release) : (now ?? old)!
  })
  return {
    ...{ galaxies, releases, spheres: [], mapped: kind },
    environments: await countStored(
      client,
      voids,
      [...new Set(stored.map(({ release }) => release.source))],
      galaxies,
    ),
    rows: await countRows(client, voids),
  }
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

/** A margin is the least over all sources of holes: with one of them all are mapped again. */
function withHoles(sources: ReadonlySet<string>, stored: readonly StoredRelease[]): ReadonlySet<string> {
  const holes = new Set(stored.filter(({ release }) => release.holes).map(({ release }) => release.source))
  return [...sources].some((source) => holes.has(source)) ? new Set([...sources, ...holes]) : sources
}

/** Streams the galaxies out of the database, those of some files or all, and gathers what the mapping says of them. */
async function placeAll(
  { client, voids, finders, parameters, onProgress }: Work,
  stored: readonly StoredRelease[],
  files?: readonly number[],
): Promise<Run> {
  const sphereFinders = [...finders.values()].filter(({ membership }) => membership === 'sphere')
  const spheres = sphereFinders.flatMap((finder) => stored.map((each) => ({ ...each, finder })))
  const run: Run = {
    releases: createMapping(
      stored.map(({ release }) => ({ release, finder: finderOf(release.source, finders) })),
      parameters,
    ),
    spheres: createMapping(spheres, parameters),
    ...{ pairs: [], spherePairs: [], environments: [], galaxies: 0, zoneVoids: [] },
  }
  const total = await estimateRows(client, voids.galaxies.catalog.name)
  for await (const batch of readGalaxies(client, voids.galaxies, files)) {
    gather(run, batch, stored, spheres)
    onProgress?.({
      phase: 'galaxies',
      done: run.galaxies,
      total: total && Math.max(total, run.galaxies),
    })
  }
  return run
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

/** Galaxies by source and environment. */
function environmentsOf(run: Run): MapVoidsSummary['environments'] {
  const bySource: Record<string, Record<Environment, number> & { unknown: number }> = {}
  for (const { codes } of run.environments) {
    for (const [source, environment] of codes) {
      const more = countEnvironments(environment)
      const total = bySource[source]
      if (!total) bySource[source] = more
      else for (const word of Object.keys(more) as Environment[]) total[word] += more[word]
    }
  }
  return bySource
}

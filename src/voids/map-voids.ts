// The mapping inside a database: galaxies out, membership in every void release, pairs and environments back in.
import { AlmagestError, type Survey } from '../model/index.ts'
import { type Client, quoteQualified } from '../postgres/index.ts'
import { type Changes, changesSince } from './changes.ts'
import { ensureCosmologyFunctions, storeCosmology } from './cosmology-sql.ts'
import { summarise } from './environment-summary.ts'
import type { PlaceOptions } from './finder.ts'
import { loadFinders } from './finders.ts'
import { countWords, gatherGalaxies } from './gather.ts'
import { SURFACE_TOLERANCE } from './hole-union.ts'
import { mapChanges } from './map-changes.ts'
import type { MappingWork, MapVoidsOptions, MapVoidsSummary } from './mapping-run.ts'
import { readReleases } from './release-tables.ts'
import { ensureRunRecord, recordRun } from './run-record.ts'
import { writeMapping } from './write-mapping.ts'
import { zoneVoidsOf } from './zone-void-rows.ts'

/** Margins are stored up to this far outside a surface, Mpc/h, unless the caller says otherwise. */
const DEFAULT_REACH = 1

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
    // Threads find the finders by themselves: those of the caller are theirs alone.
    const threads = options.finders ? 0 : options.threads
    const tell: MappingWork['tell'] = (phase, done, total) => options.onProgress?.({ phase, done, total })
    const work = { client, voids, finders, parameters, threads, stored, tell }
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

async function mapAll(work: MappingWork): Promise<MapVoidsSummary> {
  const { client, voids, stored, tell } = work
  const gathered = await gatherGalaxies(work, stored)
  const rows = await writeMapping(client, voids, { ...gathered, zoneVoids: zoneVoidsOf(stored) }, tell)
  const { galaxies, totals } = gathered
  return { galaxies, ...totals, environments: countWords(gathered), rows, mapped: 'all' }
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

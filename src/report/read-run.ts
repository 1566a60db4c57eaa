// The mapping run that a report is about: its parameters, and the releases it mapped.
import { AlmagestError, type Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import type { MappingSummary } from '../voids/index.ts'

export interface MappedRelease {
  readonly source: string
  readonly cap: string
  readonly cosmology: string
  readonly omegaM: number
  readonly hubble: number
  readonly zLow: number | null
  readonly zHigh: number | null
  readonly file: string | null
  readonly counts: MappingSummary
}

export interface MappedRun {
  readonly number: number
  readonly finishedAt: Date
  readonly tolerance: number
  readonly shell: number
  readonly galaxies: number
  readonly releases: readonly MappedRelease[]
}

/** The run that made the rows of the map. @throws AlmagestError `VOIDS_NOT_MAPPED` */
export async function readRun(client: Client, survey: Survey): Promise<MappedRun> {
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.void_mapping_release') IS NOT NULL AS there",
  )
  const { rows } = there[0]!.there
    ? await client.query<Omit<MappedRun, 'releases'>>(
        `SELECT mapping_id AS number, finished_at AS "finishedAt", tolerance, shell, galaxies::float8 AS galaxies
         FROM almagest.void_mapping WHERE survey = $1 AND is_current`,
        [survey.name],
      )
    : { rows: [] }
  const run = rows[0]
  if (!run) {
    throw new AlmagestError(
      'VOIDS_NOT_MAPPED',
      'usage',
      `the galaxies of "${survey.name}" are not mapped to voids yet`,
      'Run `almagest map-voids` first.',
      { value: survey.name },
    )
  }
  const { rows: releases } = await client.query<MappedRelease & Record<string, unknown>>(
    `SELECT source, cap, cosmology, omega_m AS "omegaM", hubble, z_low AS "zLow", z_high AS "zHigh", file_name AS file, counts
     FROM almagest.void_mapping_release WHERE mapping_id = $1 ORDER BY source, cap`,
    [run.number],
  )
  return { ...run, releases }
}

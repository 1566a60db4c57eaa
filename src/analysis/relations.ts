// Scaling relations by environment: mass function, main sequence, quenched fraction, SFR and D4000, matched in mass and redshift.
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { propertiesOf, sampleSql, voidsOf } from './environment-sample.ts'
import { type Resampled, type ResampleOptions, resample } from './resample.ts'

/** The two environments that are compared: the first is the one whose masses and redshifts the other is given. */
export const compared = ['void_interior', 'wall'] as const
export type Compared = (typeof compared)[number]

/** What is told in each bin of mass. */
export const relations = {
  mass_function: 'Share of the galaxies, per dex of stellar mass',
  main_sequence: 'Mean log SFR of star-forming galaxies, log(solar masses a year)',
  quenched_fraction: 'Fraction of quenched galaxies',
  log_sfr: 'Mean log SFR of all galaxies that form stars at all, log(solar masses a year)',
  dn4000: 'Mean D4000',
} as const
export type Relation = keyof typeof relations

export interface RelationOptions extends ResampleOptions {
  /** Stellar masses, log solar masses; 8 to 12 by default. */
  readonly massFrom?: number
  readonly massTo?: number
  /** Width of a bin of mass, dex, and of redshift; 0.25 and 0.02 by default. */
  readonly massStep?: number
  readonly redshiftStep?: number
  /** Log specific SFR below which a galaxy is quenched, log(1/yr); -11 by default. */
  readonly quenchedBelow?: number
}

/** One value with its errors; null where it can't be told. */
export interface Estimate {
  readonly value: number | null
  readonly jackknife: number | null
  readonly bootstrap: number | null
}

/** A relation at one mass in one environment. */
export interface RelationRow extends Estimate {
  readonly relation: Relation
  readonly source: string
  readonly environment: Compared
  /** The bin, log solar masses. */
  readonly massFrom: number
  readonly massTo: number
  /** Galaxies that the value is about, before matching. */
  readonly galaxies: number
}

/** Void galaxies less wall galaxies of the same mass and redshift, over all masses. */
export interface DifferenceRow extends Estimate {
  readonly relation: Exclude<Relation, 'mass_function'>
  readonly source: string
  readonly void: number | null
  readonly wall: number | null
}

export interface Relations {
  readonly rows: readonly RelationRow[]
  readonly differences: readonly DifferenceRow[]
  /** Sky regions by source. */
  readonly regions: Readonly<Record<string, number>>
}

/** Counts and sums that the relations are made of; each mean is a sum over a count. */
const sums = [
  'galaxies',
  'with_sfr',
  'quenched',
  'forming',
  'forming_log_sfr',
  'positive_sfr',
  'positive_log_sfr',
  'with_dn4000',
  'sum_dn4000',
] as const
const place = Object.fromEntries(sums.map((name, at) => [name, at])) as Record<(typeof sums)[number], number>

/** Sum and count of the relations that are means. */
const means: readonly { relation: DifferenceRow['relation']; sum: number; count: number }[] = [
  { relation: 'main_sequence', sum: place.forming_log_sfr, count: place.forming },
  { relation: 'quenched_fraction', sum: place.quenched, count: place.with_sfr },
  { relation: 'log_sfr', sum: place.positive_log_sfr, count: place.positive_sfr },
  { relation: 'dn4000', sum: place.sum_dn4000, count: place.with_dn4000 },
]

interface Grid {
  readonly masses: number
  readonly redshifts: number
  readonly regions: number
  /** By region, environment, mass, redshift and sum. */
  readonly cells: Float64Array
}

/**
 * Relations of void and wall galaxies by every finder. Wall galaxies are given the redshifts of the void galaxies: each
 * bin of redshift counts with the number of void galaxies in it, and only bins that have both count. The database adds
 * up small cells; errors come from its sky regions (`resample`).
 * @throws AlmagestError `VOIDS_NOT_DECLARED`, `ANALYSIS_NO_PROPERTIES`
 */
export async function readRelations(
  client: Client,
  survey: Survey,
  options: RelationOptions = {},
): Promise<Relations> {
  const { massFrom = 8, massTo = 12, massStep = 0.25 } = options
  const masses = Math.round((massTo - massFrom) / massStep)
  const grids = await readGrids(client, survey, masses, options)
  const rows: RelationRow[] = []
  const differences: DifferenceRow[] = []
  const regions: Record<string, number> = {}
  for (const [source, grid] of grids) {
    regions[source] = grid.regions
    const found = resample(grid.regions, (weights) => statisticsOf(grid, weights), options)
    const counts = fold(grid, new Float64Array(grid.regions).fill(1))
    let at = 0
    for (const relation of Object.keys(relations) as Relation[]) {
      for (const [environment, name] of compared.entries()) {
        for (let mass = 0; mass < masses; mass++) {
          const low = massFrom + mass * massStep
          rows.push({
            ...{ relation, source, environment: name, massFrom: low, massTo: low + massStep },
            galaxies: countOf(grid, counts, relation, environment, mass),
            ...estimate(found, at++, relation === 'mass_function' ? 1 / massStep : 1),
          })
        }
      }
    }
    for (const { relation } of means) {
      const [inVoids, inWalls] = [finite(found.value[at]!), finite(found.value[at + 1]!)]
      differences.push({ relation, source, void: inVoids, wall: inWalls, ...estimate(found, at + 2) })
      at += 3
    }
  }
  return { rows, differences, regions }
}

async function readGrids(
  client: Client,
  survey: Survey,
  masses: number,
  { massFrom = 8, massStep = 0.25, redshiftStep = 0.02, quenchedBelow = -11 }: RelationOptions,
): Promise<Map<string, Grid>> {
  const voids = voidsOf(survey)
  propertiesOf(voids)
  const { rows } = await client.query<{
    source: string
    environment: Compared
    region: number
    mass: number
    redshift: number
    sums: number[]
  }>(
    `SELECT source, environment, region, mass, redshift, ARRAY[count(*), count(log_ssfr), count(*) FILTER (WHERE log_ssfr < $4),
       count(*) FILTER (WHERE log_ssfr >= $4), coalesce(sum(log_sfr) FILTER (WHERE log_ssfr >= $4), 0),
       count(*) FILTER (WHERE log_sfr > '-Infinity'), coalesce(sum(log_sfr) FILTER (WHERE log_sfr > '-Infinity'), 0),
       count(dn4000), coalesce(sum(dn4000), 0)]::float8[] AS sums
     FROM (SELECT *, floor((log_mass - $1) / $2)::integer AS mass, floor(z / $3)::integer AS redshift
           FROM (${sampleSql(voids)}) s WHERE environment = ANY ($5) AND log_mass >= $1 AND log_mass < $6 AND z >= 0) t
     GROUP BY source, environment, region, mass, redshift`,
    [massFrom, massStep, redshiftStep, quenchedBelow, compared, massFrom + masses * massStep],
  )
  const grids = new Map<string, Grid>()
  for (const source of [...new Set(rows.map((row) => row.source))].sort()) {
    const own = rows.filter((row) => row.source === source)
    const regions = [...new Set(own.map(({ region }) => region))].sort((a, b) => a - b)
    const redshifts = own.reduce((most, { redshift }) => Math.max(most, redshift + 1), 0)
    const cells = new Float64Array(regions.length * compared.length * masses * redshifts * sums.length)
    const grid = { masses, redshifts, regions: regions.length, cells }
    const regionAt = new Map(regions.map((region, at) => [region, at]))
    for (const row of own) {
      const environment = compared.indexOf(row.environment)
      const part = regionAt.get(row.region)! * foldedSize(grid)
      cells.set(row.sums, part + cellAt(grid, environment, row.mass, row.redshift))
    }
    grids.set(source, grid)
  }
  return grids
}

/** Length of the cells of one region. */
const foldedSize = ({ masses, redshifts }: Grid) => compared.length * masses * redshifts * sums.length

const cellAt = ({ masses, redshifts }: Grid, environment: number, mass: number, redshift: number) =>
  ((environment * masses + mass) * redshifts + redshift) * sums.length

/** The cells summed over regions. */
function fold(grid: Grid, weights: Float64Array): Float64Array {
  const size = foldedSize(grid)
  const total = new Float64Array(size)
  for (let region = 0; region < grid.regions; region++) {
    const weight = weights[region]!
    if (weight === 0) continue
    const offset = region * size
    for (let i = 0; i < size; i++) total[i]! += weight * grid.cells[offset + i]!
  }
  return total
}

/** All relations by environment and mass, then value in voids, in walls and their difference of each mean. */
function statisticsOf(grid: Grid, weights: Float64Array): Float64Array {
  const cells = fold(grid, weights)
  const values: number[] = []
  for (let environment = 0; environment < compared.length; environment++) {
    for (let mass = 0; mass < grid.masses; mass++) values.push(massShare(grid, cells, environment, mass))
  }
  const bins = Array.from({ length: grid.masses }, (_, mass) => mass)
  for (const { sum, count } of means) {
    for (let environment = 0; environment < compared.length; environment++) {
      for (const mass of bins) values.push(matchedMean(grid, cells, environment, [mass], sum, count))
    }
  }
  for (const { sum, count } of means) {
    const [inVoids, inWalls] = compared.map((_, each) => matchedMean(grid, cells, each, bins, sum, count))
    values.push(inVoids!, inWalls!, inVoids! - inWalls!)
  }
  return Float64Array.from(values)
}

/** Share of an environment's galaxies in a bin of mass, redshifts weighted as those of void galaxies. */
function massShare(grid: Grid, cells: Float64Array, environment: number, mass: number): number {
  let [sum, total] = [0, 0]
  for (let redshift = 0; redshift < grid.redshifts; redshift++) {
    const [inVoids, inOwn] = [0, environment].map((each) => {
      let count = 0
      for (let m = 0; m < grid.masses; m++) count += cells[cellAt(grid, each, m, redshift)]!
      return count
    }) as [number, number]
    if (inVoids === 0 || inOwn === 0) continue
    sum += (inVoids * cells[cellAt(grid, environment, mass, redshift)]!) / inOwn
    total += inVoids
  }
  return sum / total
}

/** Mean over bins of mass and redshift that void and wall galaxies share, each weighted by its void galaxies. */
function matchedMean(
  grid: Grid,
  cells: Float64Array,
  environment: number,
  massBins: readonly number[],
  sum: number,
  count: number,
): number {
  let [value, total] = [0, 0]
  for (const mass of massBins) {
    for (let redshift = 0; redshift < grid.redshifts; redshift++) {
      const inVoids = cells[cellAt(grid, 0, mass, redshift) + count]!
      const inWalls = cells[cellAt(grid, 1, mass, redshift) + count]!
      if (inVoids === 0 || inWalls === 0) continue
      const own = cellAt(grid, environment, mass, redshift)
      value += (inVoids * cells[own + sum]!) / cells[own + count]!
      total += inVoids
    }
  }
  return value / total
}

function countOf(
  grid: Grid,
  cells: Float64Array,
  relation: Relation,
  environment: number,
  mass: number,
): number {
  const count = means.find((each) => each.relation === relation)?.count ?? place.galaxies
  let total = 0
  for (let redshift = 0; redshift < grid.redshifts; redshift++) {
    total += cells[cellAt(grid, environment, mass, redshift) + count]!
  }
  return total
}

const finite = (value: number) => (Number.isFinite(value) ? value : null)

function estimate({ value, jackknife, bootstrap }: Resampled, at: number, scale = 1): Estimate {
  return {
    value: finite(value[at]! * scale),
    jackknife: finite(jackknife[at]! * scale),
    bootstrap: finite(bootstrap[at]! * scale),
  }
}

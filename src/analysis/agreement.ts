// Do void finders agree on which galaxies live in voids? Overlap, and Cohen's kappa with errors.
import { environmentColumn, type Survey } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../postgres/index.ts'
import { regionSql, voidsOf } from './environment-sample.ts'
import { type ResampleOptions, resample } from './resample.ts'

/** Two finders on the galaxies of which both can tell whether they are in a void. */
export interface AgreementRow {
  readonly a: string
  readonly b: string
  readonly both: number
  readonly onlyA: number
  readonly onlyB: number
  readonly neither: number
  /** Members of both over members of either. */
  readonly jaccard: number | null
  /** 1: they agree fully; 0: as often as by chance; null where a finder has all galaxies, or none, in voids. */
  readonly kappa: number | null
  readonly jackknife: number | null
  readonly bootstrap: number | null
}

/** Words by which a finder says whether a galaxy is in a void; at the edge or outside the survey it doesn't. */
const decided = ['void_interior', 'void_shell', 'surface', 'wall']

/**
 * Compares every two finders that have mapped galaxies. A galaxy on a surface or in a shell is no member.
 * Kappa: Cohen 1960, Educational and Psychological Measurement 20, 37.
 * @throws AlmagestError `VOIDS_NOT_DECLARED`
 */
export async function readAgreement(
  client: Client,
  survey: Survey,
  options: ResampleOptions = {},
): Promise<AgreementRow[]> {
  const { galaxies, environments, sources } = voidsOf(survey)
  const [key, ra, dec] = [galaxies.key, galaxies.ra, galaxies.dec].map((name) => quoteIdentifier(name))
  const state = (source: string) => {
    const word = `e.${quoteIdentifier(environmentColumn(source))}`
    return `CASE WHEN ${word} = ANY ($1) THEN (${word} = 'void_interior')::integer END`
  }
  const region = regionSql(`g.${ra}::float8`, `g.${dec}::float8`)
  const { rows } = await client.query<{ region: number; states: (number | null)[]; galaxies: number }>(
    `SELECT ${region} AS region, ARRAY[${sources.map(state).join(', ')}] AS states, count(*)::float8 AS galaxies
     FROM ${quoteQualified(environments.name)} e JOIN ${quoteQualified(galaxies.catalog.name)} g USING (${key})
     GROUP BY 1, 2`,
    [decided],
  )
  const pairs: AgreementRow[] = []
  for (let a = 0; a < sources.length; a++) {
    for (let b = a + 1; b < sources.length; b++) {
      const table = byRegion(rows, a, b)
      if (table.length > 0) pairs.push(rowOf(sources[a]!, sources[b]!, table, options))
    }
  }
  return pairs
}

/** Both, only the first, only the second, neither. */
type Counts = readonly [number, number, number, number]

function byRegion(
  rows: readonly { region: number; states: (number | null)[]; galaxies: number }[],
  a: number,
  b: number,
): Counts[] {
  const regions = new Map<number, [number, number, number, number]>()
  for (const { region, states, galaxies } of rows) {
    const [first, second] = [states[a], states[b]]
    if (first == null || second == null) continue
    const counts = regions.get(region) ?? [0, 0, 0, 0]
    counts[3 - 2 * first - second]! += galaxies
    regions.set(region, counts)
  }
  return [...regions]
    .sort(([x], [y]) => x - y)
    .map(([, [both, onlyA, onlyB, neither]]) => [both, onlyA, onlyB, neither])
}

function rowOf(a: string, b: string, table: readonly Counts[], options: ResampleOptions): AgreementRow {
  const total = (weights: ArrayLike<number>) =>
    [0, 1, 2, 3].map((k) =>
      table.reduce((sum, counts, i) => sum + weights[i]! * counts[k]!, 0),
    ) as unknown as Counts
  const found = resample(table.length, (weights) => Float64Array.of(cohenKappa(total(weights))), options)
  const [both, onlyA, onlyB, neither] = total(new Float64Array(table.length).fill(1))
  const number = (value: number) => (Number.isFinite(value) ? value : null)
  return {
    ...{ a, b, both, onlyA, onlyB, neither },
    jaccard: number(both / (both + onlyA + onlyB)),
    kappa: number(found.value[0]!),
    jackknife: number(found.jackknife[0]!),
    bootstrap: number(found.bootstrap[0]!),
  }
}

/** Agreement beyond chance of two yes-or-no classifications; NaN where chance alone would agree fully. */
export function cohenKappa([both, onlyA, onlyB, neither]: Counts): number {
  const n = both + onlyA + onlyB + neither
  const observed = (both + neither) / n
  const byChance = ((both + onlyA) * (both + onlyB) + (neither + onlyA) * (neither + onlyB)) / (n * n)
  return byChance === 1 ? Number.NaN : (observed - byChance) / (1 - byChance)
}

// Whether the columns of a table are distributed as they were when a profile was stored.
import { quoteQualified } from '../../postgres/index.ts'
import type { Check, CheckKind, RunContext, Verdict } from '../check.ts'
import { distributions } from '../profile/histograms.ts'
import { bernoulli } from '../profile/profile.ts'
import {
  fractionThreshold,
  inTenths,
  kolmogorovSmirnov,
  smirnovThreshold,
  stabilityIndex,
  stabilityThreshold,
  total,
} from '../profile/statistics.ts'
import type { Distribution } from '../profile/stored.ts'
import { fromSql } from '../scan.ts'

/** Rows compared of a large table, each drawn by itself; more where so many would leave more to chance than is allowed. */
const usualRows = 100_000
/** Values below which nothing is said. */
const fewest = 50

export const kind: CheckKind = {
  finds:
    'columns whose values, or whose share of missing ones, are not distributed as in a stored profile (`almagest profile`): Kolmogorov-Smirnov statistic, population stability index, fraction of NULLs',
  limits:
    'needs a profile called `reference`, or as `expect.drift` says; a difference counts when it is beyond both the declared threshold (0.05, 0.1 and 0.01 unless said) and what chance does once in a million; of tables beyond 100,000 rows a sample is compared, a larger one where the declared thresholds need it, bin by bin of 256',
  derive: ({ catalog, facts }) => {
    const told = catalog.quality?.expect?.drift
    const name = told?.profile ?? 'reference'
    const profile = facts.profiles.find((each) => each.name === name)
    if (!profile) {
      if (!told?.profile) return []
      const message = `no profile called ${name} is stored`
      const base = { name: 'drift', about: `values are distributed as in the profile ${name}`, columns: [] }
      return [{ ...base, run: async () => ({ state: 'skipped', message }) }]
    }
    const columns = Object.entries(profile.columns).filter(
      ([column]) => facts.columns.has(column) && catalog.columns[column],
    )
    const edges = new Map(columns.map(([column, { edges }]) => [column, edges]))
    // One statement counts all columns, for whichever check asks first.
    let counted: ReturnType<typeof distributions> | undefined
    const thresholds = { ks: 0.05, psi: 0.1, nulls: 0.01, ...told }
    return columns.map(
      ([column, before]): Check => ({
        name: `drift:${column}`,
        about: `${column} is distributed as in the profile ${name} of ${profile.madeAt.slice(0, 10)}`,
        columns: [column],
        run: async (context) => {
          counted ??= distributions(context.client, rowsToCompare(context, profile.rows, thresholds), edges)
          const now = (await counted).found.get(column)!
          return { ...compared(before, now, thresholds), ...figureOf(column, before, now) }
        },
      }),
    )
  },
}

interface Thresholds {
  readonly ks: number
  readonly psi: number
  readonly nulls: number
}

function rowsToCompare(context: RunContext, formerRows: number, { ks, nulls }: Thresholds): string {
  const { share, onlyFiles, facts, catalog } = context
  if (share < 1 || onlyFiles) return fromSql(context)
  const loaded = facts.files.reduce((sum, { rowsLoaded }) => sum + rowsLoaded, 0)
  // What chance does falls with the root of the number of rows; two and two of each have a root of 1 in both formulas.
  const needed = [smirnovThreshold(2, 2) / ks, fractionThreshold([1, 2], [1, 2]) / nulls].map((x) => x * x)
  const wanted = Math.max(usualRows, ...needed)
  return `FROM ${quoteQualified(catalog.name)}${bernoulli(wanted, loaded || formerRows)}`
}

function compared(before: Distribution, now: Distribution, allowed: Thresholds): Verdict {
  const [n, m] = [total(before.counts), total(now.counts)]
  const [rows, rowsNow] = [n + before.nulls, m + now.nulls]
  if (rows < fewest || rowsNow < fewest)
    return { state: 'skipped', message: `only ${rowsNow} rows to compare` }
  const measures = [
    {
      what: 'fraction of NULLs changed by',
      found: Math.abs(before.nulls / rows - now.nulls / rowsNow),
      threshold: Math.max(allowed.nulls, fractionThreshold([before.nulls, rows], [now.nulls, rowsNow])),
    },
  ]
  if (before.edges.length > 0 && n >= fewest && m >= fewest) {
    const [tenths, tenthsNow] = inTenths(before.counts, now.counts)
    measures.push(
      {
        what: 'Kolmogorov-Smirnov statistic',
        found: kolmogorovSmirnov(before.counts, now.counts),
        threshold: Math.max(allowed.ks, smirnovThreshold(n, m)),
      },
      {
        what: 'population stability index',
        found: stabilityIndex(tenths, tenthsNow),
        threshold: Math.max(allowed.psi, stabilityThreshold(tenths.length, n, m)),
      },
    )
  }
  const said = ({ what, found, threshold }: (typeof measures)[number]) =>
    `${what} ${found.toPrecision(3)} (allowed ${threshold.toPrecision(3)})`
  const numbers = {
    ...Object.fromEntries(
      measures.flatMap((each) => [
        [each.what, each.found],
        [`${each.what}, allowed`, each.threshold],
      ]),
    ),
    'rows then': rows,
    'rows now': rowsNow,
  }
  const wrong = measures.filter(({ found, threshold }) => !(found <= threshold))
  if (wrong.length > 0) return { state: 'fail', message: wrong.map(said).join('; '), numbers }
  return { state: 'pass', message: measures.map(said).join('; '), numbers }
}

/** Shares in some forty of the bins, without the open ones at the ends. */
function figureOf(column: string, before: Distribution, now: Distribution): Pick<Verdict, 'figure'> {
  const [n, m] = [total(before.counts), total(now.counts)]
  if (before.edges.length < 3 || n === 0 || m === 0) return {}
  const step = Math.ceil(before.edges.length / 40)
  const places = before.edges.flatMap((_, i) => (i % step === 0 || i === before.edges.length - 1 ? [i] : []))
  const shares = (counts: readonly number[], all: number) =>
    places.slice(1).map((place, i) => total(counts.slice(places[i]! + 1, place + 1)) / all)
  const edges = places.map((place) => before.edges[place]!)
  return {
    figure: { label: column, edges, expected: shares(before.counts, n), found: shares(now.counts, m) },
  }
}

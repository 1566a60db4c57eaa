// The figures of the page: states over the runs, and where on the sky rows fail.
import { draw, Plot } from '../../drawing/index.ts'
import type { DistributionFigure } from '../check.ts'
import type { FormerRun } from '../history.ts'
import type { CheckResult, Report } from '../result.ts'

const size = { width: 640, marginRight: 60 }

/** Numbers of checks that warned, failed or could not be done, over the runs; letters tell them apart too. */
export function trendSvg(runs: readonly FormerRun[], report: Report): string {
  const points = [...runs, report].flatMap(({ totals }, run) =>
    (['warn', 'fail', 'error'] as const).map((state) => ({ run: run + 1, state, checks: totals[state] })),
  )
  const last = points.slice(-3)
  const marks = [
    Plot.ruleY([0]),
    Plot.lineY(points, { x: 'run', y: 'checks', z: 'state', stroke: 'state', curve: 'step' }),
    Plot.dot(points, { x: 'run', y: 'checks', symbol: 'state', stroke: 'state', fill: 'white' }),
    Plot.text(last, { x: 'run', y: 'checks', text: 'state', dx: 10, textAnchor: 'start' }),
  ]
  return draw(
    {
      ...size,
      height: 220,
      marks,
      x: { label: 'run', ticks: Math.min(10, runs.length + 1), tickFormat: 'd' },
      y: { label: 'checks' },
    },
    'Checks by state over the runs',
  )
}

/** What was expected and what was found, as densities over bins: a line and a dashed one, each with its name. */
export function distributionSvg({ label, edges, expected, found }: DistributionFigure): string {
  const steps = (shares: readonly number[], name: string) =>
    shares.flatMap((share, i) => {
      const [from, to] = [edges[i]!, edges[i + 1]!]
      const density = to - from > 0 ? share / (to - from) : 0
      return [from, to].map((x) => ({ x, density, name }))
    })
  const widest = edges.at(-1)! - edges[0]!
  // A bin of a single value has no width to speak of, and its density would hide all others.
  const drawn = [...steps(expected, 'expected'), ...steps(found, 'found')].filter((_, i) => {
    const bin = Math.floor(i / 2) % expected.length
    return edges[bin + 1]! - edges[bin]! > 1e-9 * widest
  })
  const of = (name: string) => drawn.filter((point) => point.name === name)
  return draw(
    {
      ...size,
      height: 220,
      x: { label },
      y: { label: 'density' },
      marks: [
        Plot.ruleY([0]),
        Plot.line(of('expected'), { x: 'x', y: 'density', stroke: '#555', strokeDasharray: '5,4' }),
        Plot.line(of('found'), { x: 'x', y: 'density', stroke: 'black' }),
        Plot.text(['dashed: expected, line: found'], {
          frameAnchor: 'top-right',
          text: (text: string) => text,
        }),
      ],
    },
    `${label}: expected and found`,
  )
}

/** Positions of the rows shown with a result, or nothing where they have none. */
export function skySvg({ rows, name }: CheckResult, ra: string, dec: string): string | undefined {
  const points = rows
    .filter(({ values }) => values[ra] != null && values[dec] != null)
    .map(({ values }) => ({ ra: Number(values[ra]), dec: Number(values[dec]) }))
    .filter((point) => Number.isFinite(point.ra) && Number.isFinite(point.dec))
  if (points.length === 0) return undefined
  return draw(
    {
      ...size,
      height: 240,
      x: { domain: [360, 0], label: 'RA (deg)' },
      y: { domain: [-90, 90], label: 'Dec (deg)' },
      marks: [
        Plot.frame(),
        Plot.dot(points, { x: 'ra', y: 'dec', symbol: 'times', stroke: 'black', clip: true }),
      ],
    },
    `Where rows fail ${name}`,
  )
}

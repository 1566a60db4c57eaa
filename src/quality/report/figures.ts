// The figures of the page: states over the runs, and where on the sky rows fail.
import { draw, Plot } from '../../drawing/index.ts'
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

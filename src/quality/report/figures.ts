// The figures of the page: states over the runs, and where on the sky rows fail.
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { FormerRun } from '../history.ts'
import type { CheckResult, Report } from '../result.ts'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

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
      height: 220,
      x: { label: 'run', ticks: Math.min(10, runs.length + 1), tickFormat: 'd' },
      y: { label: 'checks' },
    },
    marks,
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
  const axes = {
    height: 240,
    x: { domain: [360, 0], label: 'RA (deg)' },
    y: { domain: [-90, 90], label: 'Dec (deg)' },
  }
  return draw(
    axes,
    [Plot.frame(), Plot.dot(points, { x: 'ra', y: 'dec', symbol: 'times', stroke: 'black', clip: true })],
    `Where rows fail ${name}`,
  )
}

function draw(options: Plot.PlotOptions, marks: Plot.Markish[], title: string): string {
  const svg = Plot.plot({
    ...options,
    width: 640,
    marginRight: 60,
    marks,
    ariaLabel: title,
    style: { background: 'white', fontSize: '13px' },
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
  })
  return svg.outerHTML
}

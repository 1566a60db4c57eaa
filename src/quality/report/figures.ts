// The figures of the page: states over the runs, and where on the sky rows fail.
import { draw, Plot } from '../../drawing/index.ts'
import type { DistributionFigure, RelationFigure } from '../check.ts'
import type { FormerRun } from '../history.ts'
import type { CheckResult, Report } from '../result.ts'

/** Narrow, with large letters: a phone shows it at four fifths of its size. */
const size = {
  width: 400,
  height: 260,
  marginTop: 30,
  marginLeft: 68,
  marginRight: 20,
  marginBottom: 44,
  style: { fontSize: '15px', fontFamily: 'system-ui, sans-serif', background: 'white' },
}

/** Numbers of checks that warned, failed or could not be done, over the runs; letters tell them apart too. */
export function trendSvg(runs: readonly FormerRun[], report: Report): string {
  const points = [...runs, report].flatMap(({ totals }, run) =>
    (['warn', 'fail', 'error'] as const).map((state) => ({ run: run + 1, state, checks: totals[state] })),
  )
  // States with one number of checks share one word's place.
  const last = points.slice(-3).map(({ run, checks }, _, all) => {
    const alike = all.filter((each) => each.checks === checks)
    return { run, checks, states: alike.map(({ state }) => state).join(', ') }
  })
  const marks = [
    Plot.ruleY([0]),
    Plot.lineY(points, { x: 'run', y: 'checks', z: 'state', stroke: 'state', curve: 'step' }),
    Plot.dot(points, { x: 'run', y: 'checks', symbol: 'state', stroke: 'state', fill: 'white' }),
    Plot.text(last, { x: 'run', y: 'checks', text: 'states', dx: 10, textAnchor: 'start' }),
  ]
  return draw(
    {
      ...size,
      marginRight: 110,
      marks,
      x: { label: 'run', ticks: Math.min(6, runs.length + 1), tickFormat: 'd' },
      y: { label: 'checks' },
    },
    'Checks by state over the runs',
  )
}

/** What was expected and what was found, as densities over bins: a line and a dashed one, each with its name. */
export function distributionSvg({
  label,
  edges,
  expected,
  found,
  tolerance = 0,
}: DistributionFigure): string {
  const steps = (shares: readonly number[], name: string) =>
    shares.flatMap((share, i) => {
      const [from, to] = [edges[i]!, edges[i + 1]!]
      const density = to - from > 0 ? share / (to - from) : 0
      const allowed = to - from > 0 ? tolerance / (to - from) : 0
      return [from, to].map((x) => ({ x, density, name, low: density - allowed, high: density + allowed }))
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
      x: { label, ticks: 6 },
      y: { label: 'density', ticks: 5 },
      marks: [
        Plot.ruleY([0]),
        ...(tolerance > 0
          ? [Plot.areaY(of('expected'), { x: 'x', y1: 'low', y2: 'high', fill: '#ddd' })]
          : []),
        Plot.line(of('expected'), { x: 'x', y: 'density', stroke: '#555', strokeDasharray: '5,4' }),
        Plot.line(of('found'), { x: 'x', y: 'density', stroke: 'black' }),
      ],
    },
    `${label}: expected and found`,
  )
}

/** Points, the line that was fitted, and the expected one in the band that its tolerances allow. */
export function relationSvg({ x, y, points, found, expected }: RelationFigure): string {
  const xs = points.map(([value]) => value)
  const ends = xs.length > 1 ? [Math.min(...xs), Math.max(...xs)] : [found.x - 1, found.x + 1]
  const steps = Array.from({ length: 21 }, (_, i) => ends[0]! + ((ends[1]! - ends[0]!) * i) / 20)
  const on = (line: RelationFigure['found']) =>
    steps.map((at) => ({ x: at, y: line.y + line.slope * (at - line.x) }))
  const band = (expected ? on(expected) : []).map((point) => {
    const allowed = expected!.tolerance + expected!.slopeTolerance * Math.abs(point.x - expected!.x)
    return { ...point, low: point.y - allowed, high: point.y + allowed }
  })
  return draw(
    {
      ...size,
      x: { label: x, ticks: 6 },
      y: { label: y, ticks: 5 },
      marks: [
        Plot.frame({ stroke: '#bbb' }),
        Plot.areaY(band, { x: 'x', y1: 'low', y2: 'high', fill: '#ccc' }),
        Plot.dot(points, { x: '0', y: '1', r: 1.5, fill: '#33658a', fillOpacity: 0.6 }),
        Plot.line(band, { x: 'x', y: 'y', stroke: '#555', strokeWidth: 2, strokeDasharray: '5,4' }),
        Plot.line(on(found), { x: 'x', y: 'y', stroke: 'black', strokeWidth: 2 }),
      ],
    },
    `${y} against ${x}: rows, the fitted line and the expected one`,
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
      x: { domain: [360, 0], label: 'RA (deg)', ticks: [360, 270, 180, 90, 0] },
      y: { domain: [-90, 90], label: 'Dec (deg)', ticks: [-90, -45, 0, 45, 90] },
      marks: [
        Plot.frame(),
        Plot.dot(points, { x: 'ra', y: 'dec', symbol: 'times', stroke: 'black', clip: true }),
      ],
    },
    `Where rows fail ${name}`,
  )
}

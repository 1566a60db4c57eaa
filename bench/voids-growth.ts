// How membership grows with galaxies and with holes: in memory, in batches as the mapping has them; a table and a picture.
import { writeFileSync } from 'node:fs'
import { draw, Plot } from '../src/drawing/index.ts'
import { type HoleUnion, holeUnion } from '../src/voids/index.ts'
import { best, n, s, tableOf } from './voids-text.ts'

/** Galaxies in a batch, as they come out of the database. */
const BATCH = 1 << 16
/** The release's, and multiples. */
const HOLES = 100_000
const GALAXIES = 800_000

interface Point {
  readonly of: 'galaxies' | 'holes'
  readonly galaxies: number
  readonly holes: number
  readonly seconds: number
}

/** @param picture  file for the plot, as SVG */
export function growthPart(runs: number, picture: string): string {
  // What the compiler learns in the first run should not count as growth.
  measure(BATCH, HOLES, 2)
  const sizes = [1, 2, 4, 8, 16, 32, 64]
  const points: Point[] = [
    ...sizes.map((k) => point('galaxies', k * 100_000, HOLES, runs)),
    ...sizes.slice(0, 6).map((k) => point('holes', GALAXIES, k * 12_500, runs)),
  ]
  writeFileSync(picture, plotOf(points))
  const slopes = (['galaxies', 'holes'] as const).map(
    (of) => `${of} to the power ${slopeOf(points, of).toFixed(2)}`,
  )
  return [
    '### Growth',
    `Processor time of membership in memory, the grid over the holes included, in batches of ${n(BATCH)} galaxies as the mapping has them: galaxies and holes at random, 8 holes of radius 8 to 16 in each cube of 25 Mpc/h. Over the range of the table the time grows as ${slopes.join(', and as ')}; 1 is linear, and what is below comes of the part that does not grow.`,
    tableOf(
      ['galaxies', 'holes', 'time', 'ns per galaxy'],
      points.map(({ galaxies, holes, seconds }) => [
        ...[n(galaxies), n(holes), s(seconds)],
        ((1e9 * seconds) / galaxies).toFixed(0),
      ]),
    ),
    '![Time against galaxies and against holes, on logarithmic axes](benchmarks/voids-growth.svg)',
  ].join('\n\n')
}

const point = (of: Point['of'], galaxies: number, holes: number, runs: number): Point => ({
  ...{ of, galaxies, holes },
  seconds: measure(galaxies, holes, runs),
})

function measure(galaxies: number, holes: number, runs: number): number {
  const side = 25 * Math.cbrt(holes / 8)
  const random = randoms()
  const column = (count: number, scale: number, from = 0) =>
    Float64Array.from({ length: count }, () => from + scale * random())
  const spheres = {
    ...{ x: column(holes, side), y: column(holes, side), z: column(holes, side) },
    radius: column(holes, 8, 8),
    void: Int32Array.from({ length: holes }, (_, i) => i >> 3),
  }
  const batch = () => ({ x: column(BATCH, side), y: column(BATCH, side), z: column(BATCH, side) })
  // Few batches again and again: the positions of millions would be what the memory holds.
  const batches = Array.from({ length: 8 }, batch)
  return best(
    Array.from({ length: runs }, () => {
      let union: HoleUnion
      let seconds = processorTime(() => {
        union = holeUnion(spheres, { reach: 1 })
      })
      for (let from = 0; from < galaxies; from += BATCH) {
        const { x, y, z } = batches[(from / BATCH) % batches.length]!
        const end = Math.min(BATCH, galaxies - from)
        const part = { x: x.subarray(0, end), y: y.subarray(0, end), z: z.subarray(0, end) }
        seconds += processorTime(() => void union.place(part))
      }
      return seconds
    }),
  )
}

/** Seconds of processor time that the work takes, garbage collection included: other work on the machine counts less in it. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** Slope of the logarithms, by least squares. */
function slopeOf(points: readonly Point[], of: Point['of']): number {
  const own = points
    .filter((each) => each.of === of)
    .map((each) => [Math.log(each[of]), Math.log(each.seconds)] as const)
  const mean = (k: 0 | 1) => own.reduce((sum, each) => sum + each[k], 0) / own.length
  const [x, y] = [mean(0), mean(1)]
  const across = own.reduce((sum, each) => sum + (each[0] - x) * (each[1] - y), 0)
  return across / own.reduce((sum, each) => sum + (each[0] - x) ** 2, 0)
}

/** Time against numbers, both logarithmic, with a line of slope 1 through the last point of each. */
function plotOf(points: readonly Point[]): string {
  const names = { galaxies: `galaxies (${n(HOLES)} holes)`, holes: `holes (${n(GALAXIES)} galaxies)` }
  const drawn = points.map((each) => ({ of: names[each.of], count: each[each.of], seconds: each.seconds }))
  const kinds = Object.values(names)
  const linear = kinds.flatMap((of) => {
    const own = drawn.filter((each) => each.of === of)
    const last = own.at(-1)!
    return own.map(({ count }) => ({ of, count, seconds: (last.seconds * count) / last.count }))
  })
  const axes = { x: 'count', y: 'seconds', stroke: 'of' }
  return draw(
    {
      ...{ height: 320, marginLeft: 56, marginBottom: 42, marginRight: 24, grid: true },
      x: {
        type: 'log',
        label: 'number',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 4,
        tickFormat: '~s',
      },
      y: {
        type: 'log',
        label: 'seconds of processor time (dashed: linear)',
        labelArrow: 'none',
        ticks: 4,
        tickFormat: String,
      },
      color: { domain: kinds, range: ['#0072b2', '#d55e00'] },
      marks: [
        Plot.line(linear, { ...axes, strokeDasharray: '4 4', strokeOpacity: 0.6 }),
        Plot.line(drawn, axes),
        Plot.dot(drawn, { x: 'count', y: 'seconds', fill: 'of', r: 4 }),
        Plot.text(
          drawn,
          Plot.selectLast({
            x: 'count',
            y: 'seconds',
            z: 'of',
            text: 'of',
            fill: 'of',
            textAnchor: 'end',
            dx: -10,
            dy: 16,
          }),
        ),
      ],
    },
    'Growth of the time with galaxies and with holes',
  )
}

/** A generator that gives the same numbers in every run (mulberry32). */
function randoms(): () => number {
  let state = 20090710
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

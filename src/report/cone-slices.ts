// Cone slices: galaxies near a cone of one declination, unrolled, with the voids that the cone cuts.

import { draw, PANEL_WIDTH, Plot } from '../drawing/index.ts'
import type { VoidDeclaration } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../postgres/index.ts'
import { type ComovingTable, comovingTable, cosmology, type Environment } from '../voids/index.ts'
import { environmentColour, words } from './environments.ts'
import type { Figure, Panel } from './figure.ts'
import type { MappedRelease, MappedRun } from './read-run.ts'
import { readSample, type SampledGalaxy } from './read-sample.ts'
import { environmentsIn, meanAngle, turned } from './sky-map.ts'

/** Galaxies up to this far from the cone are drawn, Mpc/h. */
const HALF_THICKNESS = 6
const MOST_GALAXIES = 2500
/** c / (100 km/s/Mpc): what a redshift of 1 would be in Mpc/h if space did not curve time. */
const HUBBLE_LENGTH = 2997.92458
const RADIAN = Math.PI / 180

/** A cap's cone: its declination, and the right ascension in the middle of its galaxies. */
interface Cone {
  readonly cap: string
  readonly dec: number
  readonly ra: number
  readonly galaxies: readonly SampledGalaxy[]
}

/** One panel for each source and cap, in the cosmology of its file. */
export async function coneSlices(
  client: Client,
  voids: VoidDeclaration,
  { releases }: MappedRun,
): Promise<Figure> {
  const cones = new Map<string, Cone>()
  const panels: Panel[] = []
  const present = new Set<Environment>()
  const rows: (readonly (string | number | null)[])[] = []
  for (const release of releases) {
    const cone = cones.get(release.cap) ?? (await readCone(client, voids, releases, release.cap))
    if (!cone) continue
    cones.set(release.cap, cone)
    const spheres = await readSpheres(client, voids, release)
    const points = pointsOf(cone, release)
    for (const { environment } of points) present.add(environment)
    panels.push(panelOf(release, cone, points, spheres))
    for (const { galaxy, x, y, environment } of points) {
      const { id, ra, dec, z } = galaxy
      rows.push([release.source, release.cap, String(id), ra, dec, z, round(x), round(y), environment])
    }
  }
  return {
    id: 'cone-slices',
    title: 'Cone slices',
    caption:
      `Galaxies within ${HALF_THICKNESS} Mpc/h of a cone of one declination, unrolled so that distances on it are true; the observer is at the bottom. ` +
      `Distances follow from redshifts, peculiar motions included. Shaded: where the cone cuts the holes of VoidFinder's voids, and the spheres of the effective radii of V2's voids, whose true shapes are unions of cells. ` +
      `At most ${MOST_GALAXIES.toLocaleString('en-US')} galaxies a cap, taken at random.`,
    legend: [
      ...environmentsIn(present).map((word) => [words[word], environmentColour[word]] as const),
      ['void', voidFill] as const,
    ],
    panels,
    table: {
      columns: ['source', 'cap', 'galaxy', 'ra', 'dec', 'z', 'x_mpch', 'y_mpch', 'environment'],
      rows,
    },
  }
}

const round = (value: number) => Math.round(value * 1000) / 1000
const voidFill = '#cfe3f1'

/** The north galactic cap lies on this side of the galactic plane (ICRS pole at 192.85948, 27.12825 degrees). */
const capSql = `CASE WHEN sind(dec) * sind(27.12825) + cosd(dec) * cosd(27.12825) * cosd(ra - 192.85948) > 0 THEN 'NGC' ELSE 'SGC' END`

/** The cone of the declination around which the most galaxies of the cap lie; undefined for a cap without any. */
async function readCone(
  client: Client,
  voids: VoidDeclaration,
  releases: readonly MappedRelease[],
  cap: string,
): Promise<Cone | undefined> {
  const farthest = Math.max(...releases.map(({ zHigh }) => zHigh ?? 1))
  const { galaxies, environments } = voids
  const [key, ra, dec, z] = [galaxies.key, galaxies.ra, galaxies.dec, galaxies.z].map((name) =>
    quoteIdentifier(name),
  )
  const inCap = cap === 'NGC' || cap === 'SGC' ? `${capSql} = ${quoteLiteral(cap)}` : 'true'
  const { rows } = await client.query<{ dec: number; galaxies: number }>(
    `SELECT floor(dec)::float8 AS dec, count(*)::float8 AS galaxies
     FROM (SELECT g.${ra}::float8 AS ra, g.${dec}::float8 AS dec FROM ${quoteQualified(galaxies.catalog.name)} g
           JOIN ${quoteQualified(environments.name)} USING (${key}) WHERE g.${z} BETWEEN 0 AND $1) s
     WHERE ${inCap} GROUP BY 1 ORDER BY 1`,
    [farthest],
  )
  const count = new Map(rows.map((row) => [row.dec, row.galaxies]))
  const around = (at: number) => [-2, -1, 0, 1, 2].reduce((sum, step) => sum + (count.get(at + step) ?? 0), 0)
  const best = rows.reduce<number | undefined>(
    (most, row) => (most === undefined || around(row.dec) > around(most) ? row.dec : most),
    undefined,
  )
  if (best === undefined) return undefined
  const middle = best + 0.5
  const found = await readSample(
    client,
    voids,
    MOST_GALAXIES,
    // A redshift times c/H0 is a little more than the distance: the exact limit is set when positions are known.
    `${inCap} AND z BETWEEN 0 AND $2 AND abs(sind(dec - $3)) * z * ${HUBBLE_LENGTH} < ${1.08 * HALF_THICKNESS}`,
    [farthest, middle],
  )
  return { cap, dec: middle, ra: meanAngle(found.map((each) => each.ra)), galaxies: found }
}

interface Point {
  readonly galaxy: SampledGalaxy
  readonly x: number
  readonly y: number
  readonly environment: Environment
}

interface Circle {
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** A position on the unrolled cone, and its distance from the cone; right ascension grows to the left. */
function unroll(cone: Cone, ra: number, dec: number, r: number): { x: number; y: number; off: number } {
  const along = r * Math.cos((dec - cone.dec) * RADIAN)
  const angle = turned(ra, cone.ra) * Math.cos(cone.dec * RADIAN) * RADIAN
  return {
    x: -along * Math.sin(angle),
    y: along * Math.cos(angle),
    off: r * Math.sin((dec - cone.dec) * RADIAN),
  }
}

function tableOf({ omegaM, hubble, zHigh }: MappedRelease): ComovingTable {
  const lengthUnit = hubble === 1 ? 'Mpc/h' : 'Mpc'
  return comovingTable(cosmology({ omegaM, h: hubble, lengthUnit }), Math.max(zHigh ?? 1, 0.01))
}

function pointsOf(cone: Cone, release: MappedRelease): Point[] {
  const { zLow, zHigh, source } = release
  const galaxies = cone.galaxies.filter(
    ({ z, environments }) =>
      z >= (zLow ?? 0) && z <= (zHigh ?? Infinity) && environments[source] !== undefined,
  )
  const distances = tableOf(release).distances(Float64Array.from(galaxies, ({ z }) => z))
  return galaxies.flatMap((galaxy, i) => {
    const { x, y, off } = unroll(cone, galaxy.ra, galaxy.dec, distances[i]!)
    return Math.abs(off) <= HALF_THICKNESS
      ? [{ galaxy, x, y, environment: galaxy.environments[source]! }]
      : []
  })
}

/** The spheres that make up the voids, or stand for them. */
async function readSpheres(client: Client, voids: VoidDeclaration, { source, cap }: MappedRelease) {
  const select = (table: string) =>
    client.query<{ x: number; y: number; z: number; radius: number }>(
      `SELECT x, y, z, radius::float8 AS radius FROM ${quoteQualified(table)}
       WHERE void_catalog_source = $1 AND cap = $2 AND radius > 0 AND x + y + z IS NOT NULL`,
      [source, cap],
    )
  const { rows } = await select(voids.holes.name)
  return rows.length > 0 ? rows : (await select(voids.voids.name)).rows
}

function circlesOf(
  cone: Cone,
  spheres: readonly { x: number; y: number; z: number; radius: number }[],
): Circle[] {
  return spheres.flatMap(({ x, y, z, radius }) => {
    const r = Math.hypot(x, y, z)
    const at = unroll(cone, Math.atan2(y, x) / RADIAN, Math.asin(z / r) / RADIAN, r)
    const cut = radius * radius - at.off * at.off
    return cut > 0 ? [{ x: at.x, y: at.y, radius: Math.sqrt(cut) }] : []
  })
}

interface Frame {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
}

function panelOf(
  release: MappedRelease,
  cone: Cone,
  points: readonly Point[],
  spheres: readonly { x: number; y: number; z: number; radius: number }[],
): Panel {
  const { source, cap } = release
  const grid = coneGrid(release, cone, points)
  const { frame } = grid
  const scale = PANEL_WIDTH / (frame.x[1] - frame.x[0])
  const present = environmentsIn(new Set(points.map(({ environment }) => environment)))
  const svg = draw(
    {
      height: Math.round((frame.y[1] - frame.y[0]) * scale),
      margin: 0,
      x: { axis: null, domain: frame.x },
      y: { axis: null, domain: frame.y },
      marks: [
        voidArea(circlesOf(cone, spheres), frame),
        Plot.line(grid.lines, { x: 'x', y: 'y', z: 'line', stroke: '#999', strokeWidth: 0.7 }),
        ...present.map((word) =>
          Plot.dot(
            points.filter(({ environment }) => environment === word),
            { x: 'x', y: 'y', r: word === 'void_interior' ? 1.4 : 1, fill: environmentColour[word] },
          ),
        ),
        Plot.text(grid.labels, { x: 'x', y: 'y', text: 'text', fill: '#333', stroke: 'white', fontSize: 12 }),
      ],
    },
    `Cone slice of ${source} ${cap} at declination ${cone.dec} degrees`,
  )
  const sign = cone.dec < 0 ? '−' : '+'
  return {
    id: `${source}-${cap}`,
    title: `${source}, ${cap}, declination ${sign}${Math.abs(cone.dec)}°`,
    svg,
  }
}

/** The part of the cone that the voids cover, as one outline. */
function voidArea(circles: readonly Circle[], { x, y }: Frame): Plot.Markish {
  const width = 360
  const step = (x[1] - x[0]) / width
  const height = Math.max(2, Math.round((y[1] - y[0]) / step))
  const depth = new Float64Array(width * height).fill(-2 * step)
  for (const circle of circles) {
    const reach = circle.radius + 2 * step
    const from = (at: number, low: number) => Math.max(0, Math.floor((at - reach - low) / step))
    const to = (at: number, low: number, most: number) =>
      Math.min(most - 1, Math.ceil((at + reach - low) / step))
    for (let row = from(circle.y, y[0]); row <= to(circle.y, y[0], height); row++) {
      for (let column = from(circle.x, x[0]); column <= to(circle.x, x[0], width); column++) {
        const away = Math.hypot(x[0] + (column + 0.5) * step - circle.x, y[0] + (row + 0.5) * step - circle.y)
        const at = row * width + column
        depth[at] = Math.max(depth[at]!, circle.radius - away)
      }
    }
  }
  return Plot.contour(depth, {
    ...{ width, height, x1: x[0], y1: y[0], x2: x[1], y2: y[1] },
    ...{ value: Plot.identity, thresholds: [0], fill: voidFill, stroke: '#7fb2d6', strokeWidth: 0.6 },
  })
}

/** Arcs of redshift and rays of right ascension, their labels, and the frame that holds them and the galaxies. */
function coneGrid(release: MappedRelease, cone: Cone, points: readonly Point[]) {
  const angles = points.map(({ galaxy }) => turned(galaxy.ra, cone.ra))
  const low = Math.floor(Math.min(-5, ...angles) / 10) * 10
  const high = Math.ceil(Math.max(5, ...angles) / 10) * 10
  const limit = release.zHigh ?? Math.max(0.01, ...points.map(({ galaxy }) => galaxy.z))
  const table = tableOf({ ...release, zHigh: limit })
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((each) => limit / each <= 6) ?? 2
  const arcs = Array.from({ length: Math.floor(limit / step) }, (_, i) => (i + 1) * step)
  const radii = table.distances(Float64Array.of(...arcs, limit))
  const outer = radii[arcs.length]!
  const at = (angle: number, r: number) => unroll(cone, cone.ra + angle, cone.dec, r)
  const steps = Array.from({ length: 61 }, (_, i) => low + ((high - low) * i) / 60)
  const lines = [
    ...arcs.flatMap((z, i) => steps.map((angle) => ({ line: `z${z}`, ...at(angle, radii[i]!) }))),
    ...steps.map((angle) => ({ line: 'limit', ...at(angle, outer) })),
    ...[low, high].flatMap((angle) => [0, outer].map((r) => ({ line: `ra${angle}`, ...at(angle, r) }))),
  ]
  const every = high - low > 90 ? 30 : 10
  const rays: number[] = []
  for (let ra = Math.ceil((cone.ra + low) / every) * every; ra <= cone.ra + high; ra += every) rays.push(ra)
  const labels = [
    ...arcs.map((z, i) => ({ ...at(low, radii[i]!), text: `z ${Number(z.toFixed(2))}` })),
    ...rays.map((ra) => ({
      ...at(ra - cone.ra, 1.05 * outer),
      text: `${Math.round(((ra % 360) + 360) % 360)}°`,
    })),
  ]
  const all = [...lines, ...labels]
  const margin = 0.06 * outer
  const frame: Frame = {
    x: [Math.min(...all.map(({ x }) => x)) - margin, Math.max(...all.map(({ x }) => x)) + margin],
    y: [Math.min(0, ...all.map(({ y }) => y)) - margin / 2, Math.max(...all.map(({ y }) => y)) + margin / 2],
  }
  return { lines, labels, frame }
}

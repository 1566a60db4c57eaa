// The sky map: a sample of galaxies in an equal-area projection, coloured by environment.
import { draw, Plot } from '../drawing/index.ts'
import { type Environment, environmentCode } from '../voids/index.ts'
import { environmentColour, words } from './environments.ts'
import type { Figure } from './figure.ts'
import type { SampledGalaxy } from './read-sample.ts'

/**
 * One panel for each finder. Right ascension grows to the left, as one sees the sky.
 * @param galaxies  the sample to draw
 * @param total  galaxies that it was drawn from
 */
export function skyMap(
  galaxies: readonly SampledGalaxy[],
  sources: readonly string[],
  total: number,
): Figure {
  // The middle of the map is the mean direction in right ascension.
  const middle = meanAngle(galaxies.map(({ ra }) => ra))
  const present = new Set<Environment>()
  const panels = sources.map((source) => {
    const drawn = galaxies.filter((each) => each.environments[source] !== undefined)
    for (const each of drawn) present.add(each.environments[source]!)
    return {
      id: source,
      title: source,
      svg: draw(
        {
          height: 250,
          margin: 4,
          projection: { type: 'equal-earth' },
          marks: [
            Plot.sphere({ stroke: '#888' }),
            Plot.graticule({ stroke: '#e8e8e8', strokeOpacity: 1 }),
            ...environmentsIn(present).map((word) =>
              Plot.dot(
                drawn.filter((each) => each.environments[source] === word),
                {
                  x: ({ ra }: SampledGalaxy) => -turned(ra, middle),
                  y: 'dec',
                  r: word === 'void_interior' ? 1.1 : 0.8,
                  fill: environmentColour[word],
                },
              ),
            ),
            Plot.text(graticuleLabels(middle), { x: 'x', y: 'y', text: 'text', fill: '#555', fontSize: 10 }),
          ],
        },
        `Sky map of galaxies by environment, ${source}`,
      ),
    }
  })
  return {
    id: 'sky-map',
    title: 'Sky map',
    caption: `${galaxies.length.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} galaxies, taken at random, in ICRS coordinates; right ascension grows to the left. Equal Earth projection: equal areas are equal.`,
    legend: environmentsIn(present).map((word) => [words[word], environmentColour[word]]),
    panels,
    table: {
      columns: ['galaxy', 'ra', 'dec', 'z', ...sources],
      rows: galaxies.map(({ id, ra, dec, z, environments }) => [
        ...[String(id), ra, dec, z],
        ...sources.map((source) => environments[source] ?? null),
      ]),
    },
  }
}

/** Environments in the order in which they are drawn, members last so that they lie on top. */
export function environmentsIn(present: ReadonlySet<Environment>): Environment[] {
  return [...present].sort((a, b) => environmentCode[b] - environmentCode[a])
}

/** Degrees from the middle, in [-180, 180). */
export const turned = (ra: number, middle: number): number =>
  ((((ra - middle + 180) % 360) + 360) % 360) - 180

/** Mean direction of angles in degrees, in [0, 360). */
export function meanAngle(angles: readonly number[]): number {
  let [x, y] = [0, 0]
  for (const angle of angles) {
    x += Math.cos((angle * Math.PI) / 180)
    y += Math.sin((angle * Math.PI) / 180)
  }
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360
}

function graticuleLabels(middle: number) {
  const ras = [0, 60, 120, 180, 240, 300].map((ra) => ({ x: -turned(ra, middle), y: 0, text: `${ra}°` }))
  const decs = [-60, -30, 30, 60].map((dec) => ({ x: 0, y: dec, text: `${dec > 0 ? '+' : ''}${dec}°` }))
  return [...ras.filter(({ x }) => Math.abs(x) < 170), ...decs]
}

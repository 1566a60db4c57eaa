// Real SDSS DR7 galaxies in real void catalogues against the membership truth that comes with them.
import { beforeAll, expect, test } from 'vitest'
import { environments } from '../../src/model/index.ts'
import {
  comovingDistance,
  comovingTable,
  createMapping,
  environmentCode,
  type Finder,
  type GalaxyBatch,
  holeState,
  holeUnion,
  loadFinders,
  type MappedPairs,
} from '../../src/voids/index.ts'
import { needs } from '../require.ts'
import { galaxies, truth, v2, v2Mask, voidFinder, voidFinderFootprint } from './reference-data.ts'

const inside = ({ inside }: MappedPairs) => Array.from(inside.keys()).filter((k) => inside[k] === 1)

needs('shared')('SDSS DR7', () => {
  let sample: GalaxyBatch
  let finders: ReadonlyMap<string, Finder>
  const finder = (source: string) => finders.get(source)!

  beforeAll(async () => {
    sample = await galaxies()
    finders = await loadFinders()
    expect(sample.id.length).toBe(120_606)
  })

  test('VoidFinder: states of all galaxies, margins, and positions to the last bit or two', async () => {
    const { holes, cosmology } = await voidFinder()
    const positions = finder('VoidFinder').positions!(cosmology, sample)
    const { state, margin } = holeUnion({ ...holes!, void: holes!.voidNumber }, { reach: 0.05 }).place(
      positions,
    )
    const letters: Record<number, string> = {
      [holeState.inside]: 'I',
      [holeState.outside]: 'O',
      [holeState.surface]: 'S',
    }
    const counts = { I: 0, O: 0, S: 0 }
    for (const [row, expected] of truth('truth_voidfinder').entries()) {
      const fail = (what: string) => expect.fail(`galaxy ${row}: ${what}`)
      const letter = letters[state[row]!] as 'I' | 'O' | 'S'
      counts[letter]++
      if (letter !== expected.state) fail(`state ${letter}, not ${expected.state}`)
      const [x, y, z] = [positions.x[row]!, positions.y[row]!, positions.z[row]!]
      const off = Math.hypot(x - Number(expected.x), y - Number(expected.y), z - Number(expected.z_xyz))
      if (!(off < 8e-5)) fail(`${off} Mpc/h from ${expected.x}, ${expected.y}, ${expected.z_xyz}`)
      // The margin is given in four digits.
      const least = Number(expected.margin)
      if (expected.margin !== '' && !(Math.abs(margin[row]! - least) <= 8e-5 + 1e-3 * Math.abs(least))) {
        fail(`margin ${margin[row]}, not ${expected.margin}`)
      }
    }
    expect(counts).toEqual({ I: 7_459, O: 90_592, S: 22_555 })
  })

  test('VoidFinder: the 11,131 interior pairs and no other, with their number of holes', async () => {
    const release = await voidFinder()
    const mapping = createMapping([{ finder: finder('VoidFinder'), release }])
    const { pairs } = mapping.place(sample)[0]!
    const ours = new Map(
      inside(pairs).map(
        (k) => [[pairs.galaxy[k], release.voids.number[pairs.void[k]!]].join(' '), k] as const,
      ),
    )
    const expected = truth('truth_voidfinder_pairs').filter(({ margin }) => Number(margin) < -1e-3)
    expect(ours.size).toBe(11_131)
    expect(expected.length).toBe(11_131)
    let holesOff = 0
    for (const { row, void: number, margin, n_holes_interior } of expected) {
      const k = ours.get(`${row} ${number}`) ?? expect.fail(`galaxy ${row} is not in void ${number}`)
      holesOff += Math.abs(pairs.holes[k]! - Number(n_holes_interior))
      const off = Math.abs(pairs.margin[k]! - Number(margin))
      if (off > 8e-5 + 1e-3 * Math.abs(Number(margin)))
        expect.fail(`${row} ${number}: margin ${pairs.margin[k]}`)
    }
    // The last bit of numpy's float32 sine decides one of the 100 holes around one galaxy.
    expect(holesOff).toBeLessThanOrEqual(1)
    const [summary] = mapping.summaries()
    expect(summary).toMatchObject({ voids: 900, galaxies: 120_606, galaxiesInside: 7_459, pairs: 11_131 })
    expect(summary!.cosmology).toBe('flat, omegaM 0.26, h 1, Mpc/h')
  })

  test("VoidFinder: VAST's own edge and outside flags, from its mask", async () => {
    const release = { ...(await voidFinder()), footprint: await voidFinderFootprint() }
    const mapping = createMapping([{ finder: finder('VoidFinder'), release }])
    const { environment } = mapping.place(sample)[0]!
    const words = { 0: 'wall', 1: 'void_interior', 2: 'edge', 9: 'outside' } as const
    const counts: Record<string, number> = {}
    for (const [row, { vflag, state }] of truth('truth_voidfinder').entries()) {
      if (state === 'S') continue
      const pair = `${words[Number(vflag) as 0 | 1 | 2 | 9]} ${environments[environment[row]!]}`
      counts[pair] = (counts[pair] ?? 0) + 1
    }
    expect(counts).toEqual({
      'void_interior void_interior': 7_459,
      'wall wall': 63_888,
      'edge edge': 13_871,
      'outside outside': 12_833,
    })
  })

  test("the distance to the edge agrees with VAST's flags, and with every cell outside the mask", async () => {
    const footprint = await voidFinderFootprint()
    const release = { ...(await voidFinder()), footprint }
    const { environment, edgeDistance } = createMapping([{ finder: finder('VoidFinder'), release }]).place(
      sample,
    )[0]!
    const wrong: number[] = []
    for (const [row, { vflag, state }] of truth('truth_voidfinder').entries()) {
      const distance = edgeDistance![row]!
      // One of the six points of VAST's flag 2, 10 Mpc/h away, is outside; members may stick out themselves.
      if (vflag === '2' && !(distance > 0 && distance <= 10.001)) wrong.push(row)
      if (state === 'O' && vflag !== '1' && (vflag === '9') !== (distance === 0)) wrong.push(row)
    }
    expect(wrong).toEqual([])
    expect(
      [...environment].filter((code, row) => code === environmentCode.edge && edgeDistance![row]! > 5).length,
    ).toBeGreaterThan(1000)

    // The perpendiculars to the middles of all cells outside: no farther than the edge but by half a cell.
    const radian = Math.PI / 180
    const direction = (ra: number, dec: number) =>
      [
        Math.cos(dec * radian) * Math.cos(ra * radian),
        Math.cos(dec * radian) * Math.sin(ra * radian),
        Math.sin(dec * radian),
      ] as const
    const outside: (readonly [number, number, number])[] = []
    for (let ra = 0.5; ra < 360; ra++) {
      for (let dec = -89.5; dec < 90; dec++)
        if (!footprint.mask.contains(ra, dec)) outside.push(direction(ra, dec))
    }
    const halfCell = 2 * Math.sin(0.36 * radian)
    const table = comovingTable(release.cosmology, 1)
    const far = table.distances(sample.z)
    let compared = 0
    for (let row = 0; row < sample.z.length; row += 1009) {
      const [r, found] = [far[row]!, edgeDistance![row]!]
      if (!(found > 0)) continue
      const [x, y, z] = direction(sample.ra[row]!, sample.dec[row]!)
      let cosine = 0
      for (const [a, b, c] of outside) cosine = Math.max(cosine, a * x + b * y + c * z)
      const angle = Math.acos(Math.min(1, cosine))
      const [most, least] = [angle, Math.max(0, angle - halfCell)].map((theta) =>
        Math.min(footprint.farthest - r, r * Math.sin(theta)),
      )
      if (!(found <= most! + 2e-3 && found >= least! - 2e-3))
        expect.fail(`galaxy ${row}: ${found}, not ${least} to ${most}`)
      compared++
    }
    expect(compared).toBeGreaterThan(90)
  })

  test('V2: the distance to the edge is 0 exactly where OUT is 1', async () => {
    const release = await v2('VIDE')
    const farthest = comovingDistance(release.cosmology, release.limits.high)
    const footprint = { mask: await v2Mask(), nearest: 0, farthest }
    const mapping = createMapping([{ finder: finder('V2_VIDE'), release: { ...release, footprint } }])
    const { edgeDistance } = mapping.place(sample)[0]!
    expect(truth('truth_v2').filter(({ out }, row) => (out === '1') !== (edgeDistance![row] === 0))).toEqual(
      [],
    )
    expect(mapping.summaries()[0]!.withinFootprint).toBe(100_502)
  })

  test.each([
    ['REVOLVER', 88_901],
    ['VIDE', 63_916],
    ['ZOBOV', 100_502],
  ] as const)('V2 %s: every pair of VOID0 and VOID1, depth and environment', async (method, members) => {
    const release = await v2(method)
    const mapping = createMapping([{ finder: finder(`V2_${method}`), release }])
    const { pairs, environment } = mapping.place(sample)[0]!
    const key = (galaxy: number | string, number: number | string, depth: number | string) =>
      `${galaxy} ${number} ${depth}`
    const ours = inside(pairs).map((k) =>
      key(pairs.galaxy[k]!, release.voids.number[pairs.void[k]!]!, pairs.depth[k]!),
    )
    const name = method.toLowerCase()
    const rows = truth('truth_v2')
    const expected = rows.flatMap((row) => {
      const named = new Set([row[`${name}_void0`]!, row[`${name}_void1`]!])
      return [...named].filter((number) => number !== '-1').map((number) => key(row.row!, number, row.depth!))
    })
    expect(new Set(ours).size).toBe(ours.length)
    expect(ours.sort()).toEqual(expected.sort())
    for (const [row, { out, edge }] of rows.entries()) {
      const member = rows[row]![`${name}_void0`] !== '-1'
      const word = out === '1' ? 'outside' : edge === '1' ? 'edge' : member ? 'void_interior' : 'wall'
      if (environment[row] !== environmentCode[word]) expect.fail(`galaxy ${row}: not ${word}`)
    }
    const [summary] = mapping.summaries()
    expect(summary).toMatchObject({ galaxiesInside: members, pairs: expected.length })
    expect(summary!.oddities).toMatchObject({ zoneMinusOne: 20_104, tessellationWithoutGalaxy: 0 })
  })

  test('V2: OUT is 1 exactly where the redshift or the HEALPix mask says so', async () => {
    const mask = await v2Mask()
    for (const [row, { out }] of truth('truth_v2').entries()) {
      const z = sample.z[row]!
      const outside = !(z > 0 && z < 0.1 && mask.contains(sample.ra[row]!, sample.dec[row]!))
      if (outside !== (out === '1')) expect.fail(`galaxy ${row}: outside is ${outside}`)
    }
  })

  test('all finders in one pass, in batches, give what one batch gives', async () => {
    const releases = await Promise.all([voidFinder(), v2('REVOLVER'), v2('VIDE'), v2('ZOBOV')])
    const runs = releases.map((release) => ({ finder: finder(release.source), release }))
    const [whole, parts] = [createMapping(runs), createMapping(runs)]
    whole.place(sample)
    for (let from = 0; from < sample.id.length; from += 10_007) {
      const cut = <T extends { subarray(from: number, to: number): T }>(column: T) =>
        column.subarray(from, from + 10_007)
      parts.place({ id: cut(sample.id), ra: cut(sample.ra), dec: cut(sample.dec), z: cut(sample.z) })
    }
    expect(parts.summaries()).toEqual(whole.summaries())
  })
})

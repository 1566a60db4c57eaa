// All voids of a zone: against VAST's own full lists, and against hierarchies made at random.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Release, zoneVoidEntries, zoneVolumes } from '../../src/voids/index.ts'
import { needs } from '../require.ts'
import { truth, v2 } from './reference-data.ts'
import { zoneRelease } from './small-releases.ts'

const radiusOf = (volume: number) => Math.fround(Math.cbrt((volume * 3) / (4 * Math.PI)))

/** A void table of those volumes, its numbers counted from 100. */
function voidsOf(volumes: readonly number[]): Release['voids'] {
  const zeros = new Float64Array(volumes.length)
  return {
    number: Int32Array.from(volumes, (_, row) => 100 + row),
    ...{ x: zeros, y: zeros, z: zeros },
    radius: Float64Array.from(volumes, radiusOf),
  }
}

/** Entries as "zone: voids (derived)", with ! for complete lists. */
function listed({ zone, void: row, derived, complete }: ReturnType<typeof zoneVoidEntries>): string[] {
  const lists = new Map<number, string[]>()
  zone.forEach((number, at) => {
    const name = derived[at] === 1 ? `(${row[at]})` : String(row[at])
    lists.set(number, [...(lists.get(number) ?? [complete[at] === 1 ? '!' : '?']), name])
  })
  return [...lists].map(([number, names]) => `${number}: ${names.join(' ')}`)
}

describe('by hand', () => {
  // Void 0 is zone 0; void 1 holds it and zone 1; void 2 holds all and zone 2; zone 3 is in no void.
  const zones = {
    zone: Int32Array.of(0, 1, 2, 3),
    void0: Int32Array.of(100, 101, 102, -1),
    void1: Int32Array.of(102, 102, 102, -1),
  }
  const volumes = new Map([
    [0, 5000],
    [1, 7000],
    [2, 9000],
  ])

  test('the void between is found where volumes leave no other', () => {
    const entries = zoneVoidEntries(voidsOf([5000, 12_000, 21_000]), zones, volumes)
    expect(listed(entries)).toEqual(['0: ! 0 (1) 2', '1: ! 1 2', '2: ! 2'])
  })

  test('nothing is derived without volumes, from volumes that contradict, or where a zone in doubt leaves a choice', () => {
    const named = ['0: ? 0 2', '1: ? 1 2', '2: ! 2']
    expect(listed(zoneVoidEntries(voidsOf([5000, 12_000, 21_000]), zones, undefined))).toEqual(named)
    expect(listed(zoneVoidEntries(voidsOf([5000, 6000, 21_000]), zones, volumes))).toEqual(named)
    expect(listed(zoneVoidEntries(voidsOf([5000, 13_000, 21_000]), zones, volumes))).toEqual(named)
    // Void 0 may lie in void 1 or directly in void 2; void 1 can lie in nothing but void 2.
    const doubtful = new Map([[0, 5000]])
    expect(listed(zoneVoidEntries(voidsOf([5000, 12_000, 21_000]), zones, doubtful))).toEqual([
      '0: ? 0 2',
      '1: ! 1 2',
      '2: ! 2',
    ])
  })
})

test('volumes come from a release of one zone a void in the same tessellation, and from no other', () => {
  const single = zoneRelease({
    source: 'V2_REVOLVER',
    zones: { zone: Int32Array.of(0, 1, 2), void0: Int32Array.of(1, -1, 2), void1: Int32Array.of(1, -1, 2) },
  })
  const volumes = zoneVolumes(zoneRelease(), [zoneRelease(), single])
  expect([...volumes!.keys()]).toEqual([0, 2])
  expect(volumes!.get(0)).toBeCloseTo((4 / 3) * Math.PI * 1000, 6)
  expect(zoneVolumes(zoneRelease(), [zoneRelease()])).toBeUndefined()
  expect(zoneVolumes(zoneRelease({ cap: 'SGC' }), [single])).toBeUndefined()
  const { galaxyZones } = single
  const other = { ...single, galaxyZones: { ...galaxyZones!, zone: Int32Array.of(1, 0, 2, 2, -1) } }
  expect(zoneVolumes(zoneRelease(), [other])).toBeUndefined()
})

test('what is derived from hierarchies at random is always right', () => {
  // Each void has one zone of its own and lies in an earlier void, or in none.
  const hierarchy = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 4200, max: 90_000 })),
    {
      minLength: 1,
      maxLength: 9,
    },
  )
  let derived = 0
  fc.assert(
    fc.property(hierarchy, fc.boolean(), (nodes, lacksOne) => {
      const parent = nodes.map(([pick], row) => (row === 0 ? -1 : (pick % (row + 1)) - 1))
      const around = (row: number): number[] => (row < 0 ? [] : [row, ...around(parent[row]!)])
      const volume = nodes.map((_, row) =>
        nodes.reduce((sum, [, own], each) => sum + (around(each).includes(row) ? own : 0), 0),
      )
      const zones = {
        zone: Int32Array.from(nodes.keys()),
        void0: Int32Array.from(nodes.keys(), (row) => 100 + row),
        void1: Int32Array.from(nodes.keys(), (row) => 100 + around(row).at(-1)!),
      }
      const volumes = new Map(nodes.map(([, own], zone) => [zone, own]))
      if (lacksOne) volumes.delete(0)
      const entries = zoneVoidEntries(voidsOf(volume), zones, volumes)
      for (let zone = 0; zone < nodes.length; zone++) {
        const rows = [...entries.zone.keys()].filter((at) => entries.zone[at] === zone)
        const held = rows.map((at) => entries.void[at]!)
        for (const row of held) expect(around(zone)).toContain(row)
        if (entries.complete[rows[0]!] === 1) expect(held).toEqual(around(zone))
        derived += rows.filter((at) => entries.derived[at] === 1).length
      }
    }),
    { numRuns: 300, seed: 5 },
  )
  expect(derived).toBeGreaterThan(50)
})

needs('shared')('against the full lists of VAST', () => {
  test('every list called complete is, and VIDE has no other', async () => {
    const full = new Map(
      truth('truth_v2_zone_voids').map((row) => [
        `${row.method} ${row.zone}`,
        (row.voids ?? '').split(' ').filter(Boolean).map(Number).sort(),
      ]),
    )
    const revolver = await v2('REVOLVER')
    const found: Record<string, number[]> = {}
    for (const method of ['REVOLVER', 'VIDE', 'ZOBOV'] as const) {
      const release = await v2(method)
      // The database stores radii in single precision.
      const voids = { ...release.voids, radius: release.voids.radius.map(Math.fround) }
      const entries = zoneVoidEntries(voids, release.zones!, zoneVolumes(release, [revolver]))
      const lists = new Map<number, number[]>()
      entries.zone.forEach((zone, at) => {
        lists.set(zone, [...(lists.get(zone) ?? []), voids.number[entries.void[at]!]!])
      })
      let [complete, longer] = [0, 0]
      for (const [zone, list] of lists) {
        const expected = full.get(`${method} ${zone}`)!
        if (entries.complete[entries.zone.indexOf(zone)] === 0) continue
        expect(list.sort(), `${method} ${zone}`).toEqual(expected)
        complete++
        if (list.length > 2) longer++
      }
      found[method] = [lists.size, complete, longer, entries.derived.reduce((sum, each) => sum + each, 0)]
    }
    // Zones in voids, complete lists, lists of more than two voids, derived entries. ZOBOV's voids all lie in one.
    expect(found.REVOLVER).toEqual([437, 437, 0, 0])
    expect(found.VIDE!.slice(0, 3)).toEqual([339, 339, 4])
    expect(found.VIDE![3]).toBe(5)
    expect(found.ZOBOV![0]).toBe(620)
  })
})

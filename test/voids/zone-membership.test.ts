// Zone look-up: keys of 64 bits, voids named once, and tables that contradict themselves.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type GalaxyZones, type ZoneVoids, zoneLookup } from '../../src/voids/index.ts'
import { keyIndex } from '../../src/voids/key-index.ts'

describe('keyIndex', () => {
  const keys = fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 300 })

  test('finds what a Map finds, int64 extremes included', () => {
    fc.assert(
      fc.property(keys, fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (held, others) => {
        const wanted = [...others, ...held, 2n ** 63n - 1n, -(2n ** 63n), 0n]
        const expected = new Map(held.map((key, row) => [key, row]))
        const index = keyIndex(BigInt64Array.from(held))
        expect([...index.rows(BigInt64Array.from(wanted))]).toEqual(
          wanted.map((key) => expected.get(key) ?? -1),
        )
        expect(index.duplicate).toBeUndefined()
      }),
    )
  })

  test('keys that differ only in their upper half, in a slice of a larger array', () => {
    const all = BigInt64Array.from({ length: 5000 }, (_, i) => BigInt(i) << 40n)
    const rows = keyIndex(all.subarray(1000)).rows(all)
    expect([rows[999], rows[1000], rows[4999]]).toEqual([-1, 0, 3999])
  })

  test('names the first doubled key', () => {
    expect(keyIndex(BigInt64Array.of(5n, 7n, 5n, 7n)).duplicate).toEqual([0, 2])
  })
})

function galaxyZones(rows: readonly (readonly [id: bigint, zone: number])[]): GalaxyZones {
  const zeros = new Uint8Array(rows.length)
  return {
    galaxy: BigInt64Array.from(rows, ([id]) => id),
    zone: Int32Array.from(rows, ([, zone]) => zone),
    depth: new Int32Array(rows.length),
    edge: zeros,
    out: zeros,
  }
}

function zoneVoids(rows: readonly (readonly [zone: number, void0: number, void1: number])[]): ZoneVoids {
  const column = (k: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[k])
  return { zone: column(0), void0: column(1), void1: column(2) }
}

describe('zoneLookup', () => {
  test('one pair where both names are the same void, two where they differ, none for -1', () => {
    const lookup = zoneLookup(
      galaxyZones([
        [10n, 0],
        [11n, 1],
        [12n, 2],
        [13n, -1],
      ]),
      zoneVoids([
        [0, 70, 70],
        [1, 70, 90],
        [2, -1, -1],
      ]),
      Int32Array.of(90, 70),
    )
    const { pairs, row } = lookup.place(BigInt64Array.of(13n, 12n, 11n, 10n, 99n))
    expect([...row]).toEqual([3, 2, 1, 0, -1])
    expect(pairs.length).toBe(3)
    expect([...pairs.galaxy.subarray(0, 3)]).toEqual([2, 2, 3])
    expect([...pairs.void.subarray(0, 3)]).toEqual([1, 0, 1])
    expect(lookup).toMatchObject({ withoutZone: 1, unknownZones: 0, unknownVoids: 0 })
  })

  test('a void that VOIDS does not list makes no pair and is counted, once for equal names', () => {
    const lookup = zoneLookup(
      galaxyZones([
        [1n, 0],
        [2n, 1],
      ]),
      zoneVoids([
        [0, 5, 5],
        [1, 0, 6],
      ]),
      Int32Array.of(0),
    )
    expect(lookup.unknownVoids).toBe(2)
    expect(lookup.place(BigInt64Array.of(1n, 2n)).pairs.length).toBe(1)
  })

  test('zones that ZONEVOID does not list are counted, gaps in its numbering included', () => {
    const lookup = zoneLookup(
      galaxyZones([
        [1n, 1],
        [2n, 9],
        [3n, 2],
      ]),
      zoneVoids([
        [0, 0, 0],
        [2, 0, 0],
      ]),
      Int32Array.of(0),
    )
    expect(lookup.unknownZones).toBe(2)
    expect(lookup.place(BigInt64Array.of(1n, 2n, 3n)).pairs.length).toBe(1)
  })

  test('a galaxy or a zone in two rows is refused with both rows', () => {
    expect(() =>
      zoneLookup(
        galaxyZones([
          [1n, 0],
          [8n, 0],
          [8n, 1],
        ]),
        zoneVoids([]),
        new Int32Array(0),
      ),
    ).toThrow(
      expect.objectContaining({ code: 'VOIDS_DUPLICATE_GALAXY', message: 'galaxy 8 stands in rows 2 and 3' }),
    )
    expect(() =>
      zoneLookup(
        galaxyZones([]),
        zoneVoids([
          [4, 0, 0],
          [4, 1, 1],
        ]),
        Int32Array.of(0, 1),
      ),
    ).toThrow(
      expect.objectContaining({ code: 'VOIDS_DUPLICATE_ZONE', message: 'zone 4 stands in rows 1 and 2' }),
    )
  })
})

// The mock's truth is counted again from the values in its files, by other formulas than the generator's.
import { describe, expect, test } from 'vitest'
import {
  emissionLines,
  fastspecColumns,
  metadataColumns,
  specphotColumns,
} from '../../catalogs/desi-dr1/mock/columns.ts'
import { distanceOf, redshiftOf } from '../../catalogs/desi-dr1/mock/distance.ts'
import { mock } from '../../catalogs/desi-dr1/mock/index.ts'
import { healpixNested } from '../../catalogs/desi-dr1/mock/sky.ts'
import type { MockFile, MockHdu, MockValues } from '../../src/model/index.ts'
import { separation } from '../../src/sky/index.ts'
import { comovingDistance, cosmology, healpixRing } from '../../src/voids/index.ts'

/** A column's values as a list, whatever array holds them. */
const listed = (values: MockValues) => Array.from(values as ArrayLike<number | bigint | string>)

const count = 3000
const { files, truth } = mock.generate({ galaxies: count, seed: 7 })
const galaxyFiles = files.filter((file) => file.name.startsWith('fastspec'))

/** All values of a column over the galaxy files. */
function all(hdu: string, column: string): MockValues[number][] {
  return galaxyFiles.flatMap((file) => columnOf(file, hdu, column))
}

function columnOf(file: MockFile, hdu: string, column: string): MockValues[number][] {
  const table = hduOf(file, hdu)
  const index = table.columns.findIndex((each) => each.name === column)
  expect(index, `${hdu}.${column}`).toBeGreaterThanOrEqual(0)
  return listed(table.values(0, table.rowCount)[index]!)
}

const hduOf = (file: MockFile, name: string): MockHdu => file.hdus.find((hdu) => hdu.name === name)!
const numbers = (file: MockFile, hdu: string, column: string) => columnOf(file, hdu, column).map(Number)

const radian = Math.PI / 180

/** Simpson's rule over 400 intervals, flat model with matter density 0.315, Mpc/h. */
function simpson(z: number): number {
  const n = 400
  const inverse = (x: number) => 1 / Math.sqrt(0.315 * (1 + x) ** 3 + 0.685)
  let sum = inverse(0) + inverse(z)
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * inverse((z * i) / n)
  return (2997.92458 * sum * z) / (3 * n)
}

const galaxies = (() => {
  const [id, ra, dec, z] = ['TARGETID', 'RA', 'DEC', 'Z'].map((name) => all('METADATA', name))
  return id!.map((targetid, i) => {
    const [a, d, redshift] = [Number(ra![i]), Number(dec![i]), Number(z![i])]
    const sound = !Number.isNaN(a) && Math.abs(d) <= 90 && redshift > -0.01
    const r = simpson(Math.max(0, redshift))
    const [x, y] = [Math.cos(a * radian), Math.sin(a * radian)].map((part) => r * Math.cos(d * radian) * part)
    return {
      targetid: targetid as bigint,
      ra: a,
      dec: d,
      z: redshift,
      sound,
      x: x!,
      y: y!,
      up: r * Math.sin(d * radian),
    }
  })
})()
const loaded = galaxies.filter((galaxy) => galaxy.sound)

describe('the galaxies', () => {
  test('are as many as asked for, each with an identifier of its own beyond 53 bits', () => {
    expect(galaxies).toHaveLength(count)
    expect(new Set(galaxies.map((galaxy) => galaxy.targetid)).size).toBe(count)
    expect(galaxies.every((galaxy) => galaxy.targetid > 2n ** 53n)).toBe(true)
  })

  test('have the same identifier in the three HDUs at each row', () => {
    const identifiers = all('METADATA', 'TARGETID')
    expect(all('SPECPHOT', 'TARGETID')).toEqual(identifiers)
    expect(all('FASTSPEC', 'TARGETID')).toEqual(identifiers)
  })

  test('stand in the file of their base pixel', () => {
    galaxyFiles.forEach((file, pixel) => {
      expect(file.name).toBe(`fastspec-iron-main-bright-nside1-hp${String(pixel).padStart(2, '0')}.fits`)
      const [ra, dec, healpix] = ['RA', 'DEC', 'HEALPIX'].map((name) => numbers(file, 'METADATA', name))
      ra!.forEach((a, i) => {
        // In RING order the base pixels have the same numbers; a nested pixel of nside 64 lies in pixel / 64^2.
        if (!Number.isNaN(a) && Math.abs(dec![i]!) <= 90) expect(healpixRing(1, a, dec![i]!)).toBe(pixel)
        expect(Math.floor(healpix![i]! / 4096)).toBe(pixel)
      })
    })
  })

  test('refused are exactly the rows that the truth says, by rule', () => {
    const notNull = galaxies.filter((galaxy) => Number.isNaN(galaxy.ra)).length
    const range = galaxies.filter((galaxy) => Math.abs(galaxy.dec) > 90 || galaxy.z <= -0.01).length
    const table = 'desi_analysis.fastspecfit_iron'
    expect(truth.rejected).toEqual(
      expect.arrayContaining([
        { table, rule: 'not-null', rows: notNull },
        { table, rule: 'range', rows: range },
      ]),
    )
    expect(truth.rejected).toHaveLength(2)
    expect(truth.loaded[table]).toBe(count - notNull - range)
    expect([notNull, range]).toEqual([2, 7])
  })

  test('some are one object under two identifiers, as many as the truth says', () => {
    const near = loaded.flatMap((a, i) =>
      loaded.slice(i + 1).filter((b) => Math.abs(a.dec - b.dec) < 3e-4 && separation(a, b) < 1 / 3600),
    )
    expect(near.length).toBeGreaterThanOrEqual(7)
    expect(truth.matched).toEqual({ 'desi_analysis.same_object': near.length })
  })

  test('lie where the main bright program looks, within its redshifts', () => {
    for (const { dec, z } of loaded) {
      expect(dec >= -19.46 && dec <= 79.27).toBe(true)
      expect(z > 0.001 && z <= 6.48).toBe(true)
    }
    const near = loaded.filter((galaxy) => galaxy.z < 0.24).length / loaded.length
    expect(near).toBeGreaterThan(0.5)
    expect(near).toBeLessThan(0.6)
  })

  test('have missing values as the release has them: NaN, and inverse variance 0', () => {
    const [mass, massIvar] = ['LOGMSTAR', 'LOGMSTAR_IVAR'].map((name) => all('SPECPHOT', name).map(Number))
    const missing = mass!.flatMap((value, i) => (Number.isNaN(value) ? [i] : []))
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.length).toBeLessThan(count / 100)
    expect(missing.every((i) => massIvar![i] === 0)).toBe(true)
    const dispersion = all('SPECPHOT', 'VDISP').map(Number)
    const unmeasured = all('SPECPHOT', 'VDISP_IVAR').flatMap((ivar, i) => (ivar === 0 ? [i] : []))
    expect(unmeasured.length).toBeGreaterThan(count / 4)
    expect(unmeasured.every((i) => dispersion[i] === 250)).toBe(true)
  })
})

describe('the physics', () => {
  const { files } = mock.generate({ galaxies: 20_000, seed: 3 })
  const column = (hdu: string, name: string) =>
    files.filter((file) => file.name.startsWith('fastspec')).flatMap((file) => numbers(file, hdu, name))
  const [mass, sfr, dn4000, z] = [
    ...['LOGMSTAR', 'SFR', 'DN4000'].map((name) => column('SPECPHOT', name)),
    column('METADATA', 'Z'),
  ] as [number[], number[], number[], number[]]
  const good = mass.flatMap((m, i) =>
    m > 6 && m < 13 && sfr[i]! > 0 && dn4000[i]! > 0 && z[i]! > 0 ? [i] : [],
  )

  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const covariance = (a: number[], b: number[]) =>
    mean(a.map((value, i) => value * b[i]!)) - mean(a) * mean(b)
  const of = (values: number[], rows: number[]) => rows.map((i) => values[i]!)

  test("correlates mass with redshift as the release's selection does (0.614)", () => {
    const [m, r] = [of(mass, good), of(z, good)]
    expect(covariance(m, r) / Math.sqrt(covariance(m, m) * covariance(r, r))).toBeCloseTo(0.614, 1)
  })

  test('has a main sequence of slope 1 (1.01 in the release)', () => {
    const forming = good.filter((i) => dn4000[i]! < 1.55)
    const [m, s] = [of(mass, forming), of(sfr, forming).map(Math.log10)]
    expect(covariance(m, s) / covariance(m, m)).toBeCloseTo(1.01, 1)
  })

  test('has two populations in the break index', () => {
    const within = (low: number, high: number) =>
      good.filter((i) => dn4000[i]! >= low && dn4000[i]! < high).length
    expect(within(1.25, 1.45)).toBeGreaterThan(2 * within(1.48, 1.68))
    expect(within(1.68, 1.88)).toBeGreaterThan(1.3 * within(1.48, 1.68))
  })
})

describe('the truth of VoidFinder', () => {
  test.each(['NGC', 'SGC'])('%s: galaxies in holes, pairs, and nothing near a surface', (cap) => {
    const file = files.find((each) => each.name === `DESIVAST_BGS_VOLLIM_VoidFinder_${cap}.fits`)!
    const [x, y, up, radius, owner] = ['X', 'Y', 'Z', 'RADIUS', 'VOID'].map((name) =>
      numbers(file, 'HOLES', name),
    )
    let closest = Infinity
    const pairs = new Set<string>()
    const inside = new Set<bigint>()
    for (const galaxy of loaded) {
      for (let h = 0; h < x!.length; h++) {
        const d = Math.hypot(galaxy.x - x![h]!, galaxy.y - y![h]!, galaxy.up - up![h]!)
        closest = Math.min(closest, Math.abs(d - radius![h]!))
        if (d >= radius![h]!) continue
        pairs.add(`${galaxy.targetid} ${owner![h]}`)
        inside.add(galaxy.targetid)
      }
    }
    expect(truth.inVoids).toContainEqual({
      ...{ source: 'VoidFinder', cap, voids: hduOf(file, 'MAXIMALS').rowCount },
      ...{ galaxies: inside.size, pairs: pairs.size },
    })
    expect(inside.size).toBeGreaterThan(5)
    expect(closest).toBeGreaterThan(0.04999)
  })

  test('seven of a hundred galaxies below the redshift limit live in voids', () => {
    const held = truth.inVoids.filter((each) => each.source === 'VoidFinder')
    const share = held.reduce((sum, each) => sum + each.galaxies, 0) / loaded.filter((g) => g.z < 0.24).length
    expect(share).toBeGreaterThan(0.05)
    expect(share).toBeLessThan(0.09)
  })

  test.each(['NGC', 'SGC'])('%s: each maximal sphere is one of the holes of its void', (cap) => {
    const file = files.find((each) => each.name.endsWith(`VoidFinder_${cap}.fits`))!
    const rows = (hdu: string) => {
      const columns = ['X', 'Y', 'Z', 'RADIUS', 'VOID'].map((name) => numbers(file, hdu, name))
      return columns[0]!.map((_, i) => columns.map((column) => column[i]).join())
    }
    const holes = new Set(rows('HOLES'))
    expect(rows('MAXIMALS').filter((row) => !holes.has(row))).toEqual([])
  })
})

describe('the truth of V2', () => {
  const sources = ['V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV'].flatMap((source) =>
    ['NGC', 'SGC'].map((cap) => [source, cap] as const),
  )

  test.each(sources)('%s %s: zones of galaxies, voids of zones', (source, cap) => {
    const file = files.find((each) => each.name === `DESIVAST_BGS_VOLLIM_${source}_${cap}.fits`)!
    const [zone, void0, void1] = ['ZONE', 'VOID0', 'VOID1'].map((name) => numbers(file, 'ZONEVOID', name))
    const voidsOf = new Map(
      zone!.map((number, i) => [number, new Set([void0![i]!, void1![i]!].filter((v) => v >= 0))]),
    )
    const sound = new Set(loaded.map((galaxy) => galaxy.targetid))
    const zones = numbers(file, 'GALZONE', 'ZONE')
    const targets = columnOf(file, 'GALZONE', 'TARGET') as bigint[]
    const held = zones.map((own, i) => (own >= 0 && sound.has(targets[i]!) ? voidsOf.get(own)!.size : 0))
    expect(truth.inVoids).toContainEqual({
      ...{ source, cap, voids: hduOf(file, 'VOIDS').rowCount },
      galaxies: held.filter((size) => size > 0).length,
      pairs: held.reduce((sum, size) => sum + size, 0),
    })
    expect(held.some((size) => size > 0)).toBe(true)
    expect(Math.max(...held)).toBe(source === 'V2_REVOLVER' ? 1 : 2)
  })

  test.each(sources)('%s %s: zones and voids refer to what is there', (source, cap) => {
    const file = files.find((each) => each.name === `DESIVAST_BGS_VOLLIM_${source}_${cap}.fits`)!
    const column = (hdu: string, name: string) => numbers(file, hdu, name)
    const zones = column('ZONEVOID', 'ZONE')
    const last = zones.length - 1
    expect(zones).toEqual(zones.map((_, i) => i))
    expect(column('VOIDS', 'VOID')).toEqual(column('VOIDS', 'VOID').map((_, i) => i))
    for (const name of ['VOID0', 'VOID1']) {
      for (const number of column('ZONEVOID', name)) {
        expect(number >= -1 && number < hduOf(file, 'VOIDS').rowCount).toBe(true)
      }
    }
    const [zone, depth, edge, out] = ['ZONE', 'DEPTH', 'EDGE', 'OUT'].map((name) => column('GALZONE', name))
    zone!.forEach((own, i) => {
      expect(own <= last).toBe(true)
      expect([out![i], edge![i]]).toEqual([own === -1 ? 1 : 0, own === last ? 1 : 0])
      expect(Math.sign(depth![i]!) === -1).toBe(own === -1)
    })
    expect(column('VOIDS', 'RADIUS').every((radius) => radius > 0)).toBe(true)
    expect(column('ZONEVOID', 'VOID0')[last]).toBe(source === 'V2_ZOBOV' ? last : -1)
  })
})

describe('the generator', () => {
  test('makes the same values of a row in whatever block they are asked for', () => {
    for (const hdu of ['METADATA', 'SPECPHOT', 'FASTSPEC', 'GALZONE', 'HOLES']) {
      const table = files.flatMap((file) => file.hdus).find((each) => each.name === hdu && each.rowCount > 9)!
      const whole = table.values(0, table.rowCount)
      const part = table.values(3, 8)
      table.columns.forEach(({ tform }, c) => {
        const repeat = /^\d+[^A]$/.test(tform) ? Number.parseInt(tform, 10) : 1
        expect(listed(part[c]!)).toEqual(listed(whole[c]!).slice(3 * repeat, 8 * repeat))
      })
    }
  })

  test('makes the same mock from the same seed, another from another', () => {
    const positions = (seed: number) => {
      const made = mock.generate({ galaxies: 1000, seed })
      const tables = made.files.map((file) => file.hdus[0]!)
      const values = tables.map((hdu) =>
        hdu.values(0, hdu.rowCount).map((column) => listed(column).map(String)),
      )
      return JSON.stringify([values, made.truth])
    }
    expect(positions(1)).toBe(positions(1))
    expect(positions(1)).not.toBe(positions(2))
  })

  test.each([0, 999, -1, 1.5, Number.NaN, 1e12])('refuses a mock of %d galaxies', (galaxies) => {
    expect(() => mock.generate({ galaxies, seed: 1 })).toThrow(/mock of .* galaxies is not possible/)
  })

  test("keeps the release's proportions", () => {
    const { truth } = mock.generate({ galaxies: 64_459, seed: 1 })
    const near = (table: string, full: number) =>
      expect(Math.abs(truth.loaded[`desi_analysis.${table}`]! - full / 100)).toBeLessThanOrEqual(4)
    near('desivast_holes', 89_003 + 12_860)
    near('desivast_galaxy_zones', 3 * (604_032 + 90_610))
    near('desivast_zones', 3 * (2950 + 569))
    near('desivast_voids', 3241 + 524 + 1692 + 300 + 1258 + 220 + 2950 + 569)
  })
})

describe('distances', () => {
  test('agree with quadrature to a millionth of the clearance', () => {
    const model = cosmology({ omegaM: 0.315 })
    for (const z of [0.001, 0.0123456, 0.1, 0.24, 0.7777, 2.5, 6.408]) {
      expect(Math.abs(distanceOf(z) - comovingDistance(model, z))).toBeLessThan(5e-8)
      expect(Math.abs(redshiftOf(distanceOf(z)) - z)).toBeLessThan(1e-12)
    }
  })
})

describe('HEALPix', () => {
  // Centres of pixels by Gorski et al. 2005, equations 4 to 9, for nside 1.
  test.each([
    [45, 41.8103149, 0],
    [315, 41.8103149, 3],
    [0, 0, 4],
    [270, 0, 7],
    [135, -41.8103149, 9],
    [360, 0, 4],
    [10, 90, 0],
    [100, -90, 9],
  ])('base pixel of (%d, %d) is %d', (ra, dec, pixel) => expect(healpixNested(1, ra, dec)).toBe(pixel))

  test('nested numbers of neighbouring resolutions contain each other', () => {
    for (let i = 0; i < 500; i++) {
      const [ra, dec] = [(i * 137.50776) % 360, (Math.asin(1 - (2 * i + 1) / 500) * 180) / Math.PI]
      for (const nside of [1, 2, 8, 64]) {
        expect(Math.floor(healpixNested(2 * nside, ra, dec) / 4)).toBe(healpixNested(nside, ra, dec))
      }
      expect(healpixNested(1, ra, dec)).toBe(healpixRing(1, ra, dec))
    }
  })
})

describe('the columns', () => {
  test('are as many as in the release, no name twice', () => {
    const hdus = [metadataColumns, specphotColumns, fastspecColumns]
    expect(hdus.map((columns) => columns.length)).toEqual([54, 127, 887])
    for (const columns of hdus) expect(new Set(columns.map((each) => each.name)).size).toBe(columns.length)
    expect(emissionLines).toHaveLength(46)
  })
})

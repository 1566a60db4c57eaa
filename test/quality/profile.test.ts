// Profiles and the statistics that compare them; expected numbers are scipy 1.17's (ks_2samp, kstwobign, norm, chi2, entropy).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { measuredColumns } from '../../src/quality/profile/histograms.ts'
import { makeProfile } from '../../src/quality/profile/profile.ts'
import {
  chiSquaredQuantile,
  fractionThreshold,
  inTenths,
  kolmogorovSmirnov,
  normalQuantile,
  smirnovThreshold,
  stabilityIndex,
  stabilityThreshold,
} from '../../src/quality/profile/statistics.ts'
import {
  type Profile,
  parseProfiles,
  storedProfiles,
  storeProfile,
} from '../../src/quality/profile/stored.ts'
import { tableFacts } from '../../src/quality/table-facts.ts'
import { galaxies, loadedSample, randomFrom } from './sample.ts'

describe('statistics', () => {
  test('the Kolmogorov-Smirnov statistic is scipy’s where each value has its bin', () => {
    const first = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    const second = [3, 3, 4, 5, 6, 7, 8, 9, 12, 15, 20, 21]
    const values = [...new Set([...first, ...second])].sort((a, b) => a - b)
    const counts = (of: number[]) => values.map((value) => of.filter((each) => each === value).length)
    expect(kolmogorovSmirnov(counts(first), counts(second))).toBeCloseTo(1 / 3, 12)
  })
  test('thresholds follow the limiting distributions', () => {
    // kstwobign.isf, for samples of one size n: the threshold times sqrt(n / 2).
    expect(smirnovThreshold(2e6, 2e6, 1e-6) * 1000).toBeCloseTo(2.6933861344527097, 6)
    expect(smirnovThreshold(2e6, 2e6, 0.05) * 1000).toBeCloseTo(1.3580986393225507, 3)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 3)
    expect(normalQuantile(1 - 5e-7)).toBeCloseTo(4.891638475698728, 3)
    expect(chiSquaredQuantile(0.95, 9) / 16.918977604620448).toBeCloseTo(1, 2)
    expect(chiSquaredQuantile(0.999999, 9) / 44.81093787062026).toBeCloseTo(1, 1)
  })
  test('the stability index is the symmetric Kullback-Leibler divergence', () => {
    expect(stabilityIndex([100, 200, 300, 400], [25, 25, 25, 25])).toBeCloseTo(0.22821740957339182, 12)
    expect(stabilityIndex([5, 5], [50, 50])).toBe(0)
  })
  test('two samples of one distribution stay below every threshold, 2,000 times', () => {
    const random = randomFrom(3)
    const counts = (n: number) => {
      const found = new Array<number>(64).fill(0)
      for (let i = 0; i < n; i++) found[Math.floor(64 * random() ** 2)]!++
      return found
    }
    for (let i = 0; i < 2000; i++) {
      const [n, m] = [60 + Math.floor(400 * random()), 60 + Math.floor(400 * random())]
      const [a, b] = [counts(n), counts(m)]
      const [tenths, tenthsNow] = inTenths(a, b)
      expect(kolmogorovSmirnov(a, b)).toBeLessThanOrEqual(smirnovThreshold(n, m))
      expect(stabilityIndex(tenths, tenthsNow)).toBeLessThanOrEqual(stabilityThreshold(tenths.length, n, m))
      expect(Math.abs(a[0]! / n - b[0]! / m)).toBeLessThanOrEqual(fractionThreshold([a[0]!, n], [b[0]!, m]))
    }
  })
})

describe('a profile', () => {
  let sample: Awaited<ReturnType<typeof loadedSample>>
  let profile: Profile
  beforeAll(async () => {
    sample = await loadedSample(11)
    const facts = await tableFacts(sample.client, galaxies)
    profile = await makeProfile(sample.client, galaxies, facts!, { name: 'dr1', version: '1.2.3' })
  })
  afterAll(() => sample?.remove())

  test('says where its rows came from', () => {
    expect(profile).toMatchObject({ name: 'dr1', table: galaxies.name, rows: 4000, version: '1.2.3' })
    expect(profile.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256!))).toBe(true)
  })
  test('counts every value of every measured column, and every NULL', async () => {
    expect(measuredColumns(galaxies)).toContain('z')
    expect(measuredColumns(galaxies)).not.toContain('id')
    const { rows } = await sample.client.query<{ z: number | null; mass: number | null }>(
      `SELECT z, mass::float8 AS mass FROM ${galaxies.name}`,
    )
    for (const name of ['z', 'mass'] as const) {
      const { edges, counts, nulls } = profile.columns[name]!
      const values = rows.flatMap((row) => row[name] ?? [])
      const expected = counts.map(
        (_, i) => values.filter((v) => v >= (edges[i - 1] ?? -Infinity) && v < (edges[i] ?? Infinity)).length,
      )
      expect(counts).toEqual(expected)
      expect(nulls).toBe(rows.length - values.length)
      expect(Math.max(...counts) / 4000).toBeLessThan(0.01)
    }
  })
  test('is stored, found again, and read from a file; another file is refused', async () => {
    await storeProfile(sample.client, profile)
    await storeProfile(sample.client, profile)
    expect(await storedProfiles(sample.client, galaxies.name)).toEqual([profile])
    expect(parseProfiles(JSON.stringify([profile]), 'p.json')).toEqual([profile])
    for (const text of ['{}', '[]', '[1]', 'x', '[{"schema":"almagest-profile-1"}]'])
      expect(() => parseProfiles(text, 'p.json')).toThrow(expect.objectContaining({ code: 'PROFILE_FAULTY' }))
  })
})

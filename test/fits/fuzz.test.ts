// Mutated files give typed faults only, and each one soon.
import { expect, test } from 'vitest'
import { fuzz, readEverything, seedFiles } from './fuzz.ts'

test('the files that mutations start from are read without a fault', async () => {
  for (const seed of await seedFiles()) expect(await readEverything(seed)).toEqual([])
})

test('20,000 mutated files give nothing but FitsError, none takes long', async () => {
  const { codes, clean, slowestMs } = await fuzz(20_000, 4_000_000)
  expect(clean).toBeGreaterThan(1_000)
  expect(slowestMs).toBeLessThan(5_000)
  // The mutations do reach the faults that matter.
  for (const code of [
    'FITS_TRUNCATED',
    'FITS_TFORM_BAD',
    'FITS_TDIM_BAD',
    'FITS_ROW_WIDTH',
    'FITS_KEYWORD_BAD',
  ]) {
    expect(codes[code], code).toBeGreaterThan(10)
  }
  for (const code of ['FITS_NOT_FITS', 'FITS_HEAP_POINTER', 'FITS_LOGICAL_BAD', 'FITS_NUMBER_BAD']) {
    expect(codes[code], code).toBeGreaterThan(1)
  }
})

// Rows that must be refused: a fixed few, so that a load shows what it does with them.
import type { MockGalaxies } from './galaxies.ts'

export type BadRow = 'dec' | 'ra' | 'z'

const planned: readonly BadRow[] = ['dec', 'ra', 'z', 'z', 'dec', 'ra', 'z', 'z', 'dec']

/** What stands in the bad rows, and the rule that refuses it. */
export const badValues: Readonly<Record<BadRow, { readonly value: number; readonly rule: string }>> = {
  dec: { value: 95, rule: 'range' },
  ra: { value: Number.NaN, rule: 'not-null' },
  z: { value: -2, rule: 'range' },
}

/** The bad rows by galaxy, spread over the files. */
export function badRows({ count }: MockGalaxies): ReadonlyMap<number, BadRow> {
  return new Map(planned.map((kind, i) => [Math.floor(((i + 0.5) * count) / planned.length), kind]))
}

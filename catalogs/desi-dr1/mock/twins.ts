// Objects that stand twice, as in the release: one galaxy under two TARGETIDs, fractions of an arc second apart.
import type { Mock } from './blocks.ts'
import type { MockGalaxies } from './galaxies.ts'

const planned = 8

/** Puts a few galaxies, spread over the files, where the one before them is: 0.1 to 0.8 arc seconds farther north. */
export function addTwins({ count, starts, ra, dec, z, inVoid }: MockGalaxies): void {
  for (let i = 0; i < planned; i++) {
    const first = Math.floor(((i + 0.25) * count) / planned)
    const second = first + 1
    // the next file is of another pixel
    if (starts.includes(second)) continue
    ra[second] = ra[first]!
    dec[second] = dec[first]! + (i + 1) / 10 / 3600
    z[second] = z[first]!
    inVoid[second] = inVoid[first]!
  }
}

/** Pairs of loaded galaxies closer than a distance in degrees, planned and by chance: a sweep in the order of declinations. */
export function pairsWithin({ galaxies: { count, ra, dec }, bad }: Mock, distance: number): number {
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((i, j) => dec[i]! - dec[j]!)
  let pairs = 0
  for (let low = 0; low < count; low++) {
    const i = order[low]!
    if (bad.has(i)) continue
    const width = Math.cos((dec[i]! * Math.PI) / 180)
    for (let high = low + 1; high < count && dec[order[high]!]! - dec[i]! < distance; high++) {
      const j = order[high]!
      if (bad.has(j)) continue
      const east = (((ra[j]! - ra[i]! + 540) % 360) - 180) * width
      if (Math.hypot(east, dec[j]! - dec[i]!) < distance) pairs++
    }
  }
  return pairs
}

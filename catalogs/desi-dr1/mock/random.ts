// Pseudo-random numbers: a sequence from a seed, and numbers that belong to a row whatever block it comes in.

/** Mixes 32 bits (the finaliser of MurmurHash3, Appleby 2011). */
function mix(word: number): number {
  let h = word | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** A uniform number in (0, 1) that depends on seed, row and purpose alone. */
export function uniformOf(seed: number, row: number, purpose: number): number {
  const word = mix(mix(mix(seed) + row) + Math.imul(purpose, 0x9e3779b9))
  return ((word >>> 0) + 0.5) / 4294967296
}

/** A standard normal number of a row (Box and Muller 1958); it uses up two purposes. */
export function normalOf(seed: number, row: number, purpose: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniformOf(seed, row, purpose)))
  return radius * Math.cos(2 * Math.PI * uniformOf(seed, row, purpose + 1))
}

/** A sequence of uniform numbers in [0, 1) with 53 bits (SplitMix-like: a counter mixed twice). */
export function sequence(seed: number, stream: number): () => number {
  let state = mix(mix(seed) ^ Math.imul(stream, 0x9e3779b9))
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    return mix(state) >>> 0
  }
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992
}

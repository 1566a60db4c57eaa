// (galaxy, void) pairs as growing columns.

/** Columns of pairs; only the first `length` elements of each count. */
export interface Pairs {
  length: number
  /** Row of the galaxy in its batch. */
  galaxy: Int32Array
  /** Row of the void in its table. */
  void: Int32Array
  /** 1: the galaxy is in the void; 0: it lies on the void's surface to within the tolerance. */
  inside: Uint8Array
  /** Least distance to a sphere's centre less its radius, over the void's spheres; NaN where the finder has none. */
  margin: Float64Array
  /** Spheres of the void that hold the galaxy beyond the tolerance. */
  holes: Int32Array
}

export function emptyPairs(capacity = 1024): Pairs {
  return {
    length: 0,
    galaxy: new Int32Array(capacity),
    void: new Int32Array(capacity),
    inside: new Uint8Array(capacity),
    margin: new Float64Array(capacity),
    holes: new Int32Array(capacity),
  }
}

export function addPair(
  pairs: Pairs,
  galaxy: number,
  voidRow: number,
  inside: boolean,
  margin: number,
  holes: number,
): void {
  const at = pairs.length
  if (at === pairs.galaxy.length) grow(pairs)
  pairs.galaxy[at] = galaxy
  pairs.void[at] = voidRow
  pairs.inside[at] = inside ? 1 : 0
  pairs.margin[at] = margin
  pairs.holes[at] = holes
  pairs.length = at + 1
}

function grow(pairs: Pairs): void {
  const larger = emptyPairs(2 * pairs.galaxy.length)
  larger.galaxy.set(pairs.galaxy)
  larger.void.set(pairs.void)
  larger.inside.set(pairs.inside)
  larger.margin.set(pairs.margin)
  larger.holes.set(pairs.holes)
  Object.assign(pairs, larger, { length: pairs.length })
}

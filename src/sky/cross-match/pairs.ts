// Which candidates become pairs, and the batches in which pairs travel.
import type { CrossMatch } from './declaration.ts'
import { compareKeys, type KeyColumn } from './keys.ts'
import type { Band, Positions } from './read-positions.ts'
import { degreesOf, matchZones, type Receive } from './zone-match.ts'

/** Rows of the result; for unmatched rows `b` is empty, and so are the other columns. */
export interface Pairs {
  readonly count: number
  readonly aKeys: readonly KeyColumn[]
  readonly bKeys: readonly KeyColumn[]
  /** Rows of the key columns. */
  readonly aRow: Int32Array
  readonly bRow: Int32Array
  /** Degrees. */
  readonly separation: Float64Array
  /** 1 for the nearest counterpart of its row of a. */
  readonly rank: Int32Array
}

/** Pairs of two tables read, as the declaration wants them, in batches. */
export function* pairsOf(match: CrossMatch, a: Positions, b: Positions, own?: Band): Generator<Pairs> {
  const pairs = new PairBuffer(batchPairs + 8192)
  const radius = typeof match.radius === 'number' ? match.radius : 180
  const keys = { aKeys: a.keys, bKeys: b.keys }
  if (match.keep === 'symmetric') yield* symmetricPairs(match, a, b, radius, pairs, own)
  else {
    for (const _ of matchZones(a, b, radius, match.self, keeping(match, a, b, pairs), own)) {
      if (pairs.count >= batchPairs) yield { ...pairs.take(), ...keys }
    }
  }
  if (pairs.count > 0) yield { ...pairs.take(), ...keys }
}

const batchPairs = 1 << 15

function keeping({ keep, self }: CrossMatch, a: Positions, b: Positions, pairs: PairBuffer): Receive {
  if (keep === 'unmatched') return (i, { count }) => void (count === 0 && pairs.add(i, -1, 0, 0))
  if (keep === 'best')
    return (i, found) => void (found.count > 0 && pairs.add(i, found.row[0]!, found.haversine[0]!, 1))
  return (i, found) => {
    let rank = 0
    for (let n = 0; n < found.count; n++) {
      const j = found.row[n]!
      if (!self || compareKeys(a.keys, i, b.keys, j) < 0) pairs.add(i, j, found.haversine[n]!, ++rank)
    }
  }
}

/** The nearest of each row of a, and of each row of b among those near enough; then who agree. */
function* symmetricPairs(
  { self }: CrossMatch,
  a: Positions,
  b: Positions,
  radius: number,
  pairs: PairBuffer,
  own?: Band,
): Generator<Pairs> {
  const bestA = new Int32Array(a.rows)
  const distanceA = new Float64Array(a.rows)
  const bestB = new Int32Array(b.rows).fill(-1)
  const distanceB = new Float64Array(b.rows).fill(Number.POSITIVE_INFINITY)
  const order = new Int32Array(a.rows)
  let matched = 0
  const receive: Receive = (i, found) => {
    if (found.count === 0) return
    order[matched++] = i
    bestA[i] = found.row[0]!
    distanceA[i] = found.haversine[0]!
    for (let n = 0; n < found.count; n++) {
      const [j, distance] = [found.row[n]!, found.haversine[n]!]
      if ((distance - distanceB[j]! || compareKeys(a.keys, i, a.keys, bestB[j]!)) >= 0) continue
      bestB[j] = i
      distanceB[j] = distance
    }
  }
  for (const _ of matchZones(a, b, radius, self, receive));
  for (let n = 0; n < matched; n++) {
    const i = order[n]!
    const j = bestA[i]!
    const mine = !own || (a.dec[i]! >= own.low && a.dec[i]! < own.high)
    if (mine && bestB[j] === i && (!self || compareKeys(a.keys, i, b.keys, j) < 0))
      pairs.add(i, j, distanceA[i]!, 1)
    if (pairs.count >= batchPairs) yield { ...pairs.take(), aKeys: a.keys, bKeys: b.keys }
  }
}

/** Pairs in typed arrays that double when they are full. */
class PairBuffer {
  count = 0
  #aRow: Int32Array
  #bRow: Int32Array
  #separation: Float64Array
  #rank: Int32Array

  constructor(capacity: number) {
    this.#aRow = new Int32Array(capacity)
    this.#bRow = new Int32Array(capacity)
    this.#separation = new Float64Array(capacity)
    this.#rank = new Int32Array(capacity)
  }

  add(aRow: number, bRow: number, haversine: number, rank: number): void {
    if (this.count === this.#aRow.length) this.#resize(this.count * 2)
    this.#aRow[this.count] = aRow
    this.#bRow[this.count] = bRow
    this.#separation[this.count] = degreesOf(haversine)
    this.#rank[this.count++] = rank
  }

  /** What there is, copied out; the buffer is empty again. */
  take(): Omit<Pairs, 'aKeys' | 'bKeys'> {
    const { count } = this
    this.count = 0
    return {
      count,
      aRow: this.#aRow.slice(0, count),
      bRow: this.#bRow.slice(0, count),
      separation: this.#separation.slice(0, count),
      rank: this.#rank.slice(0, count),
    }
  }

  #resize(capacity: number): void {
    const copy = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.#aRow = copy(this.#aRow, new Int32Array(capacity))
    this.#bRow = copy(this.#bRow, new Int32Array(capacity))
    this.#separation = copy(this.#separation, new Float64Array(capacity))
    this.#rank = copy(this.#rank, new Int32Array(capacity))
  }
}

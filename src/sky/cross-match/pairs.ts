// Which candidates become pairs, and the batches in which pairs travel.
import type { CrossMatch } from '../../model/index.ts'
import { degreesOf } from './candidates.ts'
import { compareKeys, GrowingKeys, type KeyColumn } from './keys.ts'
import { NearRows, type Receive } from './near-rows.ts'
import { type Band, chunkRows, type Positions } from './read-positions.ts'

/** Rows of the result; for unmatched rows and groups `b` is empty, and so are separation and rank. */
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
  /** Number and size of the group of each row, where groups are wanted. */
  readonly group?: { readonly id: Int32Array; readonly size: Int32Array }
}

/** Takes the rows of a, chunk by chunk, and gives the pairs as the declaration wants them. */
export interface PairMaker {
  /** Pairs that are certain after these rows; valid until the next are asked for. */
  add(a: Positions): Iterable<Pairs>
  /** Pairs that only all rows of a could tell. */
  rest(): Iterable<Pairs>
}

/** @param own  declinations of the rows of a that are reported */
export function pairMaker(match: CrossMatch, b: Positions, reach: number, own?: Band): PairMaker {
  const { radius, deviation = 0, self } = match
  const ordered = match.keep === 'all'
  const options = { radius: typeof radius === 'number' ? radius : 180, deviation, ordered, self }
  const near = new NearRows(b, options, reach)
  return match.keep === 'symmetric' ? symmetricPairs(match, near, own) : chunkPairs(match, near, own)
}

function chunkPairs(match: CrossMatch, near: NearRows, own?: Band): PairMaker {
  const pairs = new PairBuffer(2 * chunkRows)
  return {
    *add(a) {
      const receive = keeping(match, a, near.b, pairs)
      for (let from = 0; from < a.rows; from += chunkRows) {
        near.find(a, from, Math.min(a.rows, from + chunkRows), receive, own)
        if (pairs.count > 0) yield { ...pairs.take(), aKeys: a.keys, bKeys: near.b.keys }
      }
    },
    rest: () => [],
  }
}

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
function symmetricPairs({ self }: CrossMatch, near: NearRows, own?: Band): PairMaker {
  const { b } = near
  const keys = new GrowingKeys(b.rows)
  /** For rows of a with candidates: the nearest, and whether the row is reported. */
  const best = new PairBuffer(Math.min(b.rows, 1 << 16) + 1)
  /** For rows of b: the nearest such row of a, and how near it is. */
  const bestOfB = new Int32Array(b.rows).fill(-1)
  const deviations = new Float64Array(b.rows).fill(Number.POSITIVE_INFINITY)
  const haversines = new Float64Array(b.rows).fill(Number.POSITIVE_INFINITY)
  const receive = (a: Positions): Receive => {
    return (i, found) => {
      if (found.count === 0) return
      const kept = keys.add(a.keys, i)
      const dec = a.dec[i]!
      const reported = !own || (dec >= own.low && dec < own.high)
      best.add(kept, found.row[0]!, found.haversine[0]!, reported ? 1 : 0)
      for (let n = 0; n < found.count; n++) {
        const j = found.row[n]!
        const [deviation, haversine] = [found.deviation[n]!, found.haversine[n]!]
        const order =
          deviation - deviations[j]! ||
          haversine - haversines[j]! ||
          compareKeys(keys.columns, kept, keys.columns, bestOfB[j]!)
        if (order >= 0) continue
        bestOfB[j] = kept
        deviations[j] = deviation
        haversines[j] = haversine
      }
    }
  }
  return {
    add(a) {
      near.find(a, 0, a.rows, receive(a))
      return []
    },
    *rest() {
      const { aRow, bRow, separation, rank, count } = best.take()
      const pairs = new PairBuffer(chunkRows)
      for (let n = 0; n < count; n++) {
        const [i, j] = [aRow[n]!, bRow[n]!]
        if (rank[n] === 1 && bestOfB[j] === i && (!self || compareKeys(keys.columns, i, b.keys, j) < 0))
          pairs.addMeasured(i, j, separation[n]!, 1)
        if (pairs.count < chunkRows && n + 1 < count) continue
        if (pairs.count > 0) yield { ...pairs.take(), aKeys: keys.columns, bKeys: b.keys }
      }
    },
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
    this.addMeasured(aRow, bRow, degreesOf(haversine), rank)
  }

  addMeasured(aRow: number, bRow: number, separation: number, rank: number): void {
    if (this.count === this.#aRow.length) this.#resize(this.count * 2)
    this.#aRow[this.count] = aRow
    this.#bRow[this.count] = bRow
    this.#separation[this.count] = separation
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

// The hash chain: what an entry's hash is taken over, and what is wrong with a sequence of entries.
import { createHash } from 'node:crypto'

export interface Entry {
  readonly seq: bigint
  /** When it was appended: microseconds since 1970-01-01T00:00Z. */
  readonly at: bigint
  readonly kind: string
  /** JSON text; its very bytes are hashed. */
  readonly content: string
  readonly previous: Buffer
  readonly hash: Buffer
}

export interface Fault {
  /** The first entry that shows it. */
  readonly seq: bigint
  readonly what: string
}

/** What the first entry follows. */
export const origin: Buffer = Buffer.alloc(32)

/** SHA-256 over the previous hash, number, time, length of the kind, kind, content; numbers big-endian. */
export function hashOf({ previous, seq, at, kind, content }: Omit<Entry, 'hash'>): Buffer {
  const name = Buffer.from(kind)
  const head = Buffer.alloc(20)
  head.writeBigInt64BE(seq, 0)
  head.writeBigInt64BE(at, 8)
  head.writeInt32BE(name.length, 16)
  return createHash('sha256').update(previous).update(head).update(name).update(content).digest()
}

/** Follows a chain in the order of its numbers; each fault is told at the first entry that shows it. */
export class ChainWalk {
  readonly faults: Fault[] = []
  entries = 0
  last: { readonly seq: bigint; readonly hash: Buffer } = { seq: 0n, hash: origin }

  take(entry: Entry): void {
    const { seq, hash, previous } = entry
    const { last } = this
    if (seq === last.seq || seq < 1n) this.#fault(seq, `entry ${seq} is one too many: it was put in`)
    else if (seq > last.seq + 1n) this.#fault(last.seq + 1n, gone(last.seq + 1n, seq - 1n))
    else if (!previous.equals(last.hash))
      this.#fault(
        seq,
        last.seq === 0n
          ? `entry ${seq} was changed: the first entry follows nothing`
          : `entry ${seq} does not follow entry ${last.seq}: one of them was changed, moved or put in`,
      )
    if (!hashOf(entry).equals(hash))
      this.#fault(seq, `entry ${seq} was changed: its content has another hash`)
    this.entries++
    if (seq > last.seq) this.last = { seq, hash }
  }

  #fault(seq: bigint, what: string): void {
    this.faults.push({ seq, what })
  }
}

export function gone(from: bigint, to: bigint): string {
  return from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`
}

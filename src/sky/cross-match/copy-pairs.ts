// Pairs to COPY BINARY: keys word by word as they were read, separation and rank.
import type { CopyIn } from '../../postgres/index.ts'
import type { KeyColumn } from './keys.ts'
import type { Pairs } from './pairs.ts'

const headerBytes = 19
const signature = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1')

/** Writes the pairs of a cross-match to a COPY: encodes a batch while the one before is on its way. */
export async function copyPairs(
  copy: CopyIn,
  batches: AsyncIterable<Pairs> | Iterable<Pairs>,
): Promise<number> {
  const header = Buffer.alloc(headerBytes)
  signature.copy(header)
  await copy.write(header)
  let sending: Promise<void> = Promise.resolve()
  const buffers = [new PairEncoder(), new PairEncoder()]
  for await (const pairs of batches) {
    const encoder = buffers.reverse()[0]!
    const bytes = encoder.encode(pairs)
    await sending
    sending = copy.write(bytes)
    // A failure shows at the next await; until then it must not count as unhandled.
    sending.catch(() => {})
  }
  await sending
  await copy.write(Buffer.from([0xff, 0xff]))
  return await copy.finish()
}

class PairEncoder {
  #buffer: Buffer = Buffer.alloc(0)

  encode(pairs: Pairs): Uint8Array {
    const { count, aKeys, bKeys, aRow, bRow, separation, rank, group } = pairs
    const alone = count > 0 && bRow[0] === -1
    const fields = aKeys.length + (group ? 2 : alone ? 0 : bKeys.length + 2)
    this.#reserve(count * this.#rowBytes(pairs))
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, this.#buffer.length)
    let at = 0
    for (let i = 0; i < count; i++) {
      view.setInt16(at, fields)
      at += 2
      for (let c = 0; c < aKeys.length; c++) at = this.#key(view, at, aKeys[c]!, aRow[i]!)
      if (group) {
        at = integer(view, integer(view, at, group.id[i]!), group.size[i]!)
        continue
      }
      if (alone) continue
      for (let c = 0; c < bKeys.length; c++) at = this.#key(view, at, bKeys[c]!, bRow[i]!)
      view.setInt32(at, 8)
      view.setFloat64(at + 4, separation[i]!)
      at = integer(view, at + 12, rank[i]!)
    }
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset, at)
  }

  #key(view: DataView, at: number, column: KeyColumn, row: number): number {
    if (column.type === 'bigint') {
      view.setInt32(at, 8)
      view.setInt32(at + 4, column.words[2 * row]!)
      view.setInt32(at + 8, column.words[2 * row + 1]!)
      return at + 12
    }
    if (column.type === 'integer') return integer(view, at, column.words[row]!)
    const length = this.#buffer.write(column.strings[row]!, at + 4, 'utf8')
    view.setInt32(at, length)
    return at + 4 + length
  }

  /** The most bytes that a row of these pairs takes. */
  #rowBytes({ aKeys, bKeys, aRow, bRow, count }: Pairs): number {
    const longest = (column: KeyColumn, rows: Int32Array) => {
      if (column.type !== 'text') return 12
      let most = 0
      for (let i = 0; i < count; i++) most = Math.max(most, column.strings[rows[i]!]?.length ?? 0)
      // UTF-8 takes at most three bytes for each UTF-16 unit.
      return 4 + 3 * most
    }
    const keys = [...aKeys.map((each) => longest(each, aRow)), ...bKeys.map((each) => longest(each, bRow))]
    return 22 + keys.reduce((sum, each) => sum + each, 0)
  }

  #reserve(size: number): void {
    if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafeSlow(size)
  }
}

/** A four-byte integer, and where the next field begins. */
function integer(view: DataView, at: number, value: number): number {
  view.setInt32(at, 4)
  view.setInt32(at + 4, value)
  return at + 8
}

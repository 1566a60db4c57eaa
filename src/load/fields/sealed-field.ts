// Field writer for encrypted columns: the value is written as its own type, then sealed where it stands.
import { type Sealer, sealedOverhead } from '../../keys/index.ts'
import type { ColumnRules } from './column-rules.ts'
import { type RowOutput, rejected, type WriteField } from './row-input.ts'

/** Bytes that the field may be longer than the plain one. */
export const sealingBytes = sealedOverhead

/** What breaks a rule is not shown: the table of rejects is no place for it. */
const hidden = '(encrypted)'

/** @param write  of the plain value; NULL stays NULL */
export function sealedField(
  write: WriteField,
  seal: Sealer,
  { note }: ColumnRules,
  out: RowOutput,
): WriteField {
  const { bytes, view } = out
  return (from, at) => {
    const end = write(from, at)
    if (end === rejected) {
      if (note.value !== null) note.value = hidden
      return rejected
    }
    const start = at + 4
    if (end === start && view.getInt32(at) < 0) return end
    const sealed = seal(bytes.subarray(start, end))
    bytes.set(sealed, start)
    view.setInt32(at, sealed.length)
    return start + sealed.length
  }
}

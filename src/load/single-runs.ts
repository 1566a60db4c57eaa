// Columns of 4-byte floats beside each other, written in one loop: of a thousand columns most are such.
import { rejected, type WriteField } from './fields/row-input.ts'
import type { Field } from './plan-field.ts'

/** What is called for each row: one field, or several by one call. */
export type Step = Pick<Field, 'input' | 'offset' | 'write'>

/** The fields in their order; floats of any value that follow each other, in the file as in the table, are one step. */
export function joinSingles(fields: readonly Field[]): Step[] {
  const steps: Step[] = []
  for (let i = 0; i < fields.length; ) {
    const first = fields[i]!
    let end = i + 1
    while (first.single && follows(fields[end], fields[end - 1]!)) end++
    steps.push(end === i + 1 ? first : singles(fields.slice(i, end)))
    i = end
  }
  return steps
}

const follows = (next: Field | undefined, { input, offset }: Field) =>
  next?.single !== undefined && next.input === input && next.offset === offset + 4

function singles(run: readonly Field[]): Step {
  const { input, offset } = run[0]!
  const { view } = run[0]!.single!
  const writers = run.map(({ write }) => write)
  const count = run.length
  const write: WriteField = (first, start) => {
    const source = input.view
    let at = start
    for (let i = 0, from = first; i < count; i++, from += 4) {
      const bits = source.getInt32(from)
      if ((bits & magnitude) <= infinity) {
        view.setInt32(at, 4)
        view.setInt32(at + 4, bits)
        at += 8
      } else {
        // A NaN: NULL, or a fault.
        at = writers[i]!(from, at)
        if (at === rejected) return rejected
      }
    }
    return at
  }
  return { input, offset, write }
}

/** Of the bits of a float (IEEE 754 binary32): all but the sign, and those of infinity, beyond which there are NaNs. */
const magnitude = 0x7fffffff
const infinity = 0x7f800000

// The inner loop: rows of the plan's inputs to COPY BINARY rows, rejected ones left out.
import { rejected } from './fields/row-input.ts'
import type { TablePlan } from './plan.ts'

/**
 * Encodes rows until `count` are done or the output is filled up to `limit`.
 * @param at        position in the plan's output at which to begin
 * @param onReject  called for each row that breaks a rule, with its number counted from 0
 * @returns rows done, and the position after the last byte
 * @throws AlmagestError LOAD_MISALIGNED
 */
export function encodeRows(
  plan: TablePlan,
  count: number,
  at: number,
  limit: number,
  onReject: (row: number) => void,
): { done: number; at: number } {
  const { steps, prefix, inputs, rowNumber, alignment, out } = plan
  const last = limit - plan.rowBytes
  let done = 0
  for (; done < count && at <= last; done++) {
    if (alignment && !alignment.holds()) throw alignment.fault(rowNumber.at)
    out.bytes.set(prefix, at)
    let end = at + prefix.length
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!
      end = step.write(step.input.at + step.offset, end)
      if (end === rejected) {
        uncount(plan, at + prefix.length)
        onReject(rowNumber.at)
        break
      }
    }
    if (end !== rejected) at = end
    for (const input of inputs) input.at += input.stride
    rowNumber.at++
  }
  return { done, at }
}

/**
 * Takes back what the fields of a rejected row counted, up to the one that breaks the rule: writing them again counts
 * the same once more, which tells how much that is.
 */
function uncount({ fields, tallies }: TablePlan, start: number): void {
  const all = Object.values(tallies)
  const counted = all.map(({ nan, wrapped }) => ({ nan, wrapped }))
  let end = start
  for (let i = 0; i < fields.length && end !== rejected; i++) {
    const field = fields[i]!
    end = field.write(field.input.at + field.offset, end)
  }
  all.forEach((tally, i) => {
    tally.nan = 2 * counted[i]!.nan - tally.nan
    tally.wrapped = 2 * counted[i]!.wrapped - tally.wrapped
  })
}

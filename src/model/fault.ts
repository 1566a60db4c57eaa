// A fault of a definition: where and what, and the pieces that the faults of every part are told by.
import type { Column } from './column.ts'
import { AlmagestError } from './errors.ts'
import { nearest } from './nearest.ts'

export interface Fault {
  /** Where in the definition, e.g. `columns.ra.unit`. */
  readonly path: string
  readonly problem: string
}

/** @throws AlmagestError `CATALOG_FAULTS` when there is any fault */
export function refuse(subject: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return
  const lines = faults.map(({ path, problem }) => `  ${path}: ${problem}`)
  throw new AlmagestError(
    'CATALOG_FAULTS',
    'catalog',
    `${subject} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${lines.join('\n')}`,
    'Correct each line named above in the definition.',
    { path: faults[0]!.path },
  )
}

/** Names of tables, columns and indexes. */
export const identifier = /^[a-z_][a-z0-9_]{0,62}$/

export function identifierFaults(path: string, name: string): Fault[] {
  return identifier.test(name) ? [] : [{ path, problem: `"${name}" is not a lower-case SQL identifier` }]
}

export function columnListFaults(path: string, list: readonly string[], names: readonly string[]): Fault[] {
  const unknown = list.filter((column) => !names.includes(column))
  return unknown.map((column) => ({ path, problem: `no column "${column}"${suggestion(column, names)}` }))
}

/** The list must also name each column once, and at least one. */
export function keyListFaults(path: string, list: readonly string[], names: readonly string[]): Fault[] {
  const twice = list.filter((column, i) => list.indexOf(column) !== i)
  return [
    ...(list.length === 0 ? [{ path, problem: 'no column is named' }] : []),
    ...twice.map((column) => ({ path, problem: `column "${column}" is named twice` })),
    ...columnListFaults(path, list, names),
  ]
}

export function rangeFault({ range, type }: Column): string | undefined {
  if (!range) return undefined
  if (['text', 'boolean', 'timestamp'].includes(type)) return `a range makes no sense for ${type}`
  if (range.from !== undefined && range.above !== undefined) return 'both "from" and "above" are given'
  if (range.to !== undefined && range.below !== undefined) return 'both "to" and "below" are given'
  const low = range.from ?? range.above ?? -Infinity
  const high = range.to ?? range.below ?? Infinity
  const closed = range.from !== undefined && range.to !== undefined
  return low < high || (low === high && closed) ? undefined : `the range from ${low} to ${high} is empty`
}

/** A word that is known and near, as the end of a problem. */
export function suggestion(word: string, known: readonly string[]): string {
  const found = nearest(word, known)
  return found === undefined ? '' : `; did you mean "${found}"?`
}

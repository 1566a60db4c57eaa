// The key by which values kept aside find their rows again.
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import type { Delta } from './delta.ts'

/** The primary key's columns, when the change leaves them as they are; else values cannot be brought back. */
export function stableKey(delta: Delta, table: string): string[] | undefined {
  const before = keyOf(delta.from, table)
  const same = before?.every((column) => {
    const object = `column ${table}.${column}`
    return delta.to[object]?.definition === delta.from[object]?.definition
  })
  return same ? before : undefined
}

/** The columns of a table's primary key. */
export function keyOf(fingerprint: Fingerprint, table: string): string[] | undefined {
  const key = Object.values(fingerprint).find(
    ({ kind, of, definition }) =>
      kind === 'constraint' && of === table && definition.startsWith('PRIMARY KEY'),
  )
  const list = /\((.*)\)$/.exec(key?.definition ?? '')?.[1]
  return list
    ?.match(/"(?:[^"]|"")+"|[^\s,]+/g)
    ?.map((each) => (each.startsWith('"') ? each.slice(1, -1).replaceAll('""', '"') : each))
}

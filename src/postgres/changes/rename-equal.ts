// Renaming partitions, constraints, indexes and sequences that are alike but for their names: no data hangs on those.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { Change, FindChanges } from './change.ts'
import { type Delta, indexedTable, namelessIndex, parentTable } from './delta.ts'

export const renameEqual: FindChanges = (delta) => [
  ...pairs(
    partitions(delta.removed('table')),
    partitions(delta.added('table')),
    ({ definition }) => definition,
  ).map(([before, after]) => rename(before, after, parentTable(after)!)),
  ...pairs(
    delta.removed('constraint'),
    delta.added('constraint'),
    (fact) => `${fact.of}: ${fact.definition}`,
  ).map(([before, after]) => rename(before, after, before.of)),
  ...pairs(delta.removed('index'), delta.added('index'), namelessIndex).map(([before, after]) =>
    rename(before, after, indexedTable(before)),
  ),
  ...pairs(delta.removed('sequence'), delta.added('sequence'), (fact) => sequenceIdentity(delta, fact)).map(
    ([before, after]) => rename(before, after, before.of),
  ),
]

function partitions(tables: readonly Fact[]): Fact[] {
  return tables.filter((fact) => parentTable(fact) !== undefined)
}

function sequenceIdentity({ from, to }: Delta, { of, definition }: Fact): string {
  const owner = `owner column of sequence ${of}`
  return `${definition} ${(from[owner] ?? to[owner])?.definition ?? `free: ${of}`}`
}

/** Each removed fact with the added one that is alike; each is taken once. */
function pairs(
  removed: readonly Fact[],
  added: readonly Fact[],
  identity: (fact: Fact) => string,
): [Fact, Fact][] {
  const left = [...added]
  return removed.flatMap((before) => {
    const found = left.findIndex((after) => identity(after) === identity(before))
    return found < 0 ? [] : [[before, left.splice(found, 1)[0]!] as [Fact, Fact]]
  })
}

function rename(before: Fact, after: Fact, table: string): Change {
  return {
    kind: 'rename-equal',
    object: objectOf(before),
    steps: [{ stage: 'change', phase: 12, sql: renameSql(before, after) }],
    lock: before.kind === 'index' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'none',
    hazards: [],
    inverse: () => rename(after, before, table),
  }
}

function renameSql(before: Fact, after: Fact): string {
  const name = ({ of, name }: Fact) => quoteIdentifier(name ?? of)
  if (before.kind === 'constraint')
    return `ALTER TABLE ${quoteIdentifier(before.of)} RENAME CONSTRAINT ${name(before)} TO ${name(after)}`
  return `ALTER ${before.kind.toUpperCase()} ${name(before)} RENAME TO ${name(after)}`
}

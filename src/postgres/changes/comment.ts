// Setting and removing comments: a catalogue's descriptions, units and UCDs.
import type { Fact } from '../fingerprint/fact.ts'
import { objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts'
import type { Change, FindChanges } from './change.ts'

export const comment: FindChanges = (delta) =>
  ['comment on table', 'comment on column'].flatMap((kind) => [
    ...[...delta.added(kind), ...delta.changed(kind).map(({ after }) => after)].map((fact) =>
      set(fact, quoteLiteral(fact.definition)),
    ),
    ...delta
      .removed(kind)
      .filter(
        ({ of, name }) => !delta.isGoneTable(of) && (name === undefined || !delta.isGoneColumn(of, name)),
      )
      .map((fact) => set(fact, 'NULL')),
  ])

/** The statement that gives a table or column its comment. */
export function commentSql({ of, name, definition }: Fact, text = quoteLiteral(definition)): string {
  const target = name === undefined ? `TABLE ${quoteIdentifier(of)}` : `COLUMN ${quoteIdentifier(of, name)}`
  return `COMMENT ON ${target} IS ${text}`
}

function set(fact: Fact, text: string): Change {
  return {
    kind: 'comment',
    object: objectOf(fact),
    steps: [{ stage: 'change', phase: 90, sql: commentSql(fact, text) }],
    lock: 'SHARE UPDATE EXCLUSIVE',
    tables: [fact.of],
    work: 'none',
    hazards: [],
  }
}

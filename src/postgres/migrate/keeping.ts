// Changes that would lose data, done so that the way back brings the data with it.
import type { Change, KeptPlace, Step } from '../changes/change.ts'
import { quoteIdentifier } from '../identifiers.ts'

/** The changes with every loss replaced by setting the data aside, where that can be done. */
export function keeping(changes: readonly Change[], place: KeptPlace): Change[] {
  return changes.map((change) =>
    change.keep ? { ...change, steps: replaced(change, change.keep(place).forward) } : change,
  )
}

/** Which kind of change undoes one that sets data aside. */
export const counterpart: Readonly<Record<string, string>> = {
  'drop-table': 'add-table',
  'drop-column': 'add-column',
  'alter-type': 'alter-type',
}

/** The way back, with what was set aside brought back instead of made anew and empty. */
export function restoring(back: readonly Change[], forward: readonly Change[], place: KeptPlace): Change[] {
  return back.map((change) => {
    const kept = forward.find(
      ({ keep, kind, object }) => keep && object === change.object && counterpart[kind] === change.kind,
    )
    return kept ? { ...change, steps: replaced(change, kept.keep!(place).back) } : change
  })
}

/** What no way back restores: losses that cannot be set aside. */
export function losses(changes: readonly Change[]): string[] {
  return changes.flatMap(({ loses, keep }) => (loses !== undefined && !keep ? [loses] : []))
}

export function keepsData(changes: readonly Change[]): boolean {
  return changes.some(({ keep }) => keep !== undefined)
}

export function createPlace({ schema }: KeptPlace): string {
  return `CREATE SCHEMA ${quoteIdentifier(schema)}`
}

/** Refused by the server while anything is left in it. */
export function dropPlace({ schema }: KeptPlace): string {
  return `DROP SCHEMA ${quoteIdentifier(schema)}`
}

function replaced({ steps }: Change, sql: readonly string[]): Step[] {
  const { stage, phase } = steps[0]!
  return sql.map((each, i) => ({ stage, phase: phase + i / 1000, sql: each }))
}

// Which steps keep others waiting while the server works on rows, in words, for manifests and for those who run them.
import type { Change, Stage } from '../changes/change.ts'
import { counterpart } from './keeping.ts'

/**
 * A change that works on rows in the transaction of its other statements, whose locks it holds meanwhile. A scan that has
 * a stage of its own lets others read and write.
 */
export function blocks({ work, steps }: Pick<Change, 'work' | 'steps'>): boolean {
  return work === 'rewrite' || (work === 'scan' && steps.every(({ stage }) => stage === 'change'))
}

/** Whether a change keeps others waiting in that stage: what blocks does so in its first. */
export function onlyIn({ steps }: Change, stage: Stage): boolean {
  return steps[0]?.stage === stage
}

/** What keeps others waiting on the way up. */
export function whoWaits(changes: readonly Change[]): string[] {
  return changes.filter(blocks).map(words)
}

/**
 * What keeps others waiting on the way down, which is one transaction: whatever works on rows, and values that are
 * brought back to all of them.
 */
export function whoWaitsBack(back: readonly Change[], forward: readonly Change[]): string[] {
  const broughtBack = (change: Change) =>
    change.kind !== 'add-table' &&
    forward.some(
      ({ keep, kind, object }) => keep && object === change.object && counterpart[kind] === change.kind,
    )
  return back.flatMap((change) => {
    if (broughtBack(change)) return [`writes ${change.object} to every row`]
    // Going down drops a column without setting it aside, which reads no row.
    if (change.kind === 'drop-column') return []
    return change.work === 'none' || change.steps.every(({ atomic }) => atomic === null)
      ? []
      : [words(change)]
  })
}

function words({ work, object, tables }: Change): string {
  const table = tables[0] ?? object
  return work === 'scan' ? `reads all rows of ${table} for ${object}` : `writes ${table} anew for ${object}`
}

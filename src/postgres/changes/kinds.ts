// Every kind of change; a new one is a file here and a line below.

import { addColumn } from './add-column.ts'
import { addConstraint } from './add-constraint.ts'
import { addIndex } from './add-index.ts'
import { addTable } from './add-table.ts'
import { alterType } from './alter-type.ts'
import type { Change, FindChanges } from './change.ts'
import { comment } from './comment.ts'
import type { Delta } from './delta.ts'
import { dropColumn } from './drop-column.ts'
import { dropConstraint } from './drop-constraint.ts'
import { dropIndex } from './drop-index.ts'
import { dropTable } from './drop-table.ts'
import { published } from './published.ts'
import { rebuildTable } from './rebuild-table.ts'
import { sequence } from './sequence.ts'
import { setDefault } from './set-default.ts'
import { setNotNull } from './set-not-null.ts'

const kinds: readonly FindChanges[] = [
  addTable,
  dropTable,
  rebuildTable,
  addColumn,
  dropColumn,
  alterType,
  setDefault,
  setNotNull,
  addConstraint,
  dropConstraint,
  addIndex,
  dropIndex,
  sequence,
  comment,
  published,
]

/** All changes that lead from one fingerprint to the other, renames apart. */
export function findChanges(delta: Delta): Change[] {
  return kinds.flatMap((find) => find(delta))
}

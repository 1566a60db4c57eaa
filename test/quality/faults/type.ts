// What `type` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'type', what: 'positions in single precision', sql: `ALTER TABLE ${g} ALTER ra TYPE real` },
  { check: 'type', what: 'a column that is missing', sql: `ALTER TABLE ${g} DROP COLUMN mag` },
  { check: 'type', what: 'identifiers kept as text', sql: `ALTER TABLE ${g} ALTER id TYPE text` },
]

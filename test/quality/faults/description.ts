// What `description` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'description', what: 'a description lost', sql: `COMMENT ON COLUMN ${g}.z IS NULL` },
  { check: 'description', what: 'a blank description', sql: `COMMENT ON COLUMN ${g}.ra IS ' '` },
  { check: 'description', what: 'a new column without one', sql: `ALTER TABLE ${g} ADD new integer` },
]

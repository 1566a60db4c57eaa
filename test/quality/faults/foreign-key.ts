// What `foreign-key` must find.
import { g, type InjectedFault, one, r } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'foreign-key:id:galaxies',
    what: 'one galaxy deleted',
    sql: `DELETE FROM ${g} ${one}`,
  },
  {
    check: 'foreign-key:id:galaxies',
    what: 'one reference off by 1',
    sql: `UPDATE ${r} SET id = id + 1 WHERE id = (SELECT id FROM ${g} ${one})`,
  },
  {
    check: 'foreign-key:id:galaxies',
    what: 'a reference to nothing',
    sql: `INSERT INTO ${r} VALUES (1, 1, 1, 1)`,
  },
]

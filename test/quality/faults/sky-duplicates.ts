// What `sky-duplicates` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'sky-duplicates',
    what: 'an object under two identifiers',
    sql: `INSERT INTO ${g} (id, ra, dec) SELECT id + 1, ra + 0.2 / 3600, dec + 0.2 / 3600 FROM ${g} ${one}`,
    row: true,
  },
  {
    check: 'sky-duplicates',
    what: 'a pair across RA 0',
    sql: `INSERT INTO ${g} (id, ra, dec) VALUES (1, 0.00004, 10), (2, 359.99996, 10)`,
  },
  {
    check: 'sky-duplicates',
    what: 'a pair at the pole',
    sql: `INSERT INTO ${g} (id, ra, dec) VALUES (1, 10, 89.99998), (2, 190, 89.99998)`,
  },
]

// What `key` must find.
import { g, type InjectedFault, one } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  { check: 'key', what: 'a row twice', sql: `INSERT INTO ${g} SELECT * FROM ${g} ${one}`, row: true },
  {
    check: 'key',
    what: 'a file loaded twice',
    sql: `INSERT INTO ${g} SELECT * FROM ${g} WHERE source_file = 1`,
  },
  {
    check: 'key',
    what: 'the identifier of another row',
    sql: `UPDATE ${g} SET id = (SELECT id FROM ${g} WHERE NOT ($row) LIMIT 1) ${one}`,
  },
]

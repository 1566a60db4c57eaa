// What `row-count` must find.
import { g, type InjectedFault, one, v } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'row-count',
    what: 'one row lost',
    sql: `DELETE FROM ${g} ${one}`,
    says: /3999 rows, expected 4000/,
  },
  { check: 'row-count', what: 'one row twice', sql: `INSERT INTO ${g} SELECT * FROM ${g} ${one}` },
  { check: 'row-count', what: 'the table emptied', sql: `DELETE FROM ${g}` },
  {
    check: 'row-count:files',
    what: 'a file emptied',
    sql: `DELETE FROM ${v}`,
    says: /voids\.fits gave 300 rows, 0/,
  },
  {
    check: 'row-count:files',
    what: 'rows of no file',
    sql: `UPDATE ${g} SET source_file = 99 ${one}`,
    says: /no loaded file/,
    row: false,
  },
]

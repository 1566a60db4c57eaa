// What `void-statistics` must find.
import { type InjectedFault, v } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'void-statistics',
    what: 'one void lost',
    sql: `DELETE FROM ${v} WHERE void_index = 3`,
    says: /number of A is 199/,
  },
  {
    check: 'void-statistics',
    what: 'radii in Mpc, not Mpc/h',
    sql: `UPDATE ${v} SET radius = radius / 0.7`,
    says: /mean radius of A/,
  },
  {
    check: 'void-statistics',
    what: 'finders confused',
    sql: `UPDATE ${v} SET finder = CASE finder WHEN 'A' THEN 'B' ELSE 'A' END`,
    says: /A over B/,
  },
]

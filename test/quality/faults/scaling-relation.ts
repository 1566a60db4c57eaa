// What `scaling-relation` must find.
import { g, type InjectedFault } from '../fault.ts'

export const faults: readonly InjectedFault[] = [
  {
    check: 'scaling-relation:main-sequence',
    what: 'rates in another unit',
    sql: `UPDATE ${g} SET sfr = sfr * 1e9`,
    says: /value at 10.5/,
  },
  {
    check: 'scaling-relation:main-sequence',
    what: 'masses of other rows',
    sql: `UPDATE ${g} SET mass = 9 + 3 * random()`,
    says: /slope/,
  },
  {
    check: 'scaling-relation:main-sequence',
    what: 'masses for h = 0.7',
    sql: `UPDATE ${g} SET mass = mass - 0.31`,
  },
]

// What encryption of a column excludes: the server cannot read, make or compare its values.
import type { Catalog } from './catalog.ts'
import { type Column, encryptable } from './column.ts'
import { type Fault, rangeFault } from './fault.ts'

/** What the server would have to know of the value that it doesn't know. */
export function encryptionFault({ encrypts, mask, default: given, backfill }: Column): string | undefined {
  if (!encrypts) return undefined
  if (!encryptable.includes(encrypts.type)) return `${encrypts.type} cannot be encrypted`
  if (mask !== undefined && mask !== 'null')
    return 'only the mask "null" fits a value that the server cannot read'
  if (given !== undefined || backfill !== undefined)
    return 'the server cannot make values of an encrypted column'
  return rangeFault(encrypts)
}

/** Encrypted columns that the table would be searched or tied by. */
export function searchedFaults(catalog: Catalog): Fault[] {
  const sealed = Object.keys(catalog.columns).filter((name) => catalog.columns[name]!.encrypts)
  const uses: [string, readonly string[]][] = [
    ['key', catalog.key],
    ...catalog.unique.map((list, i): [string, readonly string[]] => [`unique[${i}]`, list]),
    ...catalog.foreignKeys.map(({ columns }, i): [string, readonly string[]] => [
      `foreignKeys[${i}]`,
      columns,
    ]),
    ['sky', catalog.sky ? [catalog.sky.ra, catalog.sky.dec] : []],
    ['partition', catalog.partition ? [catalog.partition.column] : []],
    ...Object.entries(catalog.indexes).map(([name, { btree }]): [string, readonly string[]] => [
      `indexes.${name}`,
      btree,
    ]),
    ...Object.entries(catalog.selections).map(([name, list]): [string, readonly string[]] => [
      `selections.${name}`,
      list.map(({ column }) => column),
    ]),
  ]
  return uses.flatMap(([path, list]) =>
    list
      .filter((column) => sealed.includes(column))
      .map((column) => ({ path, problem: `"${column}" is encrypted: the server cannot compare its values` })),
  )
}

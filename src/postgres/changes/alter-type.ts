// Giving a column another type; a narrowing one can keep the former values beside the table's key.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { attachSql } from './add-table.ts'
import type { Change, FindChanges } from './change.ts'
import { type Delta, indexedTable, indexSql, isPartitioned, ofKind, wholeIndex } from './delta.ts'
import { bringBack, copyAside } from './drop-column.ts'
import { stableKey } from './key-columns.ts'

/** Conversions that keep every value: a double holds every integer and every real. */
const widening: Record<string, readonly string[]> = {
  smallint: ['integer', 'bigint', 'real', 'double precision'],
  integer: ['bigint', 'double precision'],
  real: ['double precision'],
  'real[]': ['double precision[]'],
}

export const alterType: FindChanges = (delta) =>
  delta.changed('column').map(({ before, after }) => alterOne(delta, before, after))

function alterOne(delta: Delta, before: Fact, after: Fact): Change {
  const table = after.of
  const column = quoteIdentifier(after.name!)
  const alter = `ALTER TABLE ${quoteIdentifier(table)}`
  const named = `column ${table}.${after.name}`
  const convert = ({ definition, ...rest }: Fact) =>
    `${alter} ALTER COLUMN ${column} TYPE ${definition} USING ${column}::${bareType({ definition, ...rest })}`
  const around = (sql: readonly string[]) => namedIndexes(delta, table, sql)
  const sql = [
    ...(delta.from[`default of ${named}`] ? [`${alter} ALTER COLUMN ${column} DROP DEFAULT`] : []),
    convert(after),
    ...(delta.to[`default of ${named}`]
      ? [`${alter} ALTER COLUMN ${column} SET DEFAULT ${delta.to[`default of ${named}`]!.definition}`]
      : []),
  ]
  const change: Change = {
    kind: 'alter-type',
    object: named,
    steps: around(sql).map((each, i) => ({ stage: 'change', phase: 50 + i / 1000, sql: each })),
    lock: 'ACCESS EXCLUSIVE',
    tables: [table],
    work: 'rewrite',
    hazards: [`rewrites ${table} and its indexes while nobody can read it`],
  }
  if (widening[before.definition]?.includes(after.definition)) return change
  const narrowing: Change = {
    ...change,
    hazards: [
      ...change.hazards,
      `${before.definition} values that ${after.definition} cannot hold are rounded or refused`,
    ],
    loses: `values of ${named} as ${before.definition}`,
  }
  const key = stableKey(delta, table)
  if (!key || key.includes(after.name!)) return narrowing
  return {
    ...narrowing,
    keep: (kept) => ({
      forward: [...copyAside(kept, table, key, after.name!), ...around(sql)],
      back: around([
        ...(delta.to[`default of ${named}`] ? [`${alter} ALTER COLUMN ${column} DROP DEFAULT`] : []),
        convert(before),
        // Values that were changed since are newer than the kept ones.
        ...bringBack(
          kept,
          table,
          key,
          after.name!,
          ` AND present.${column} IS NOT DISTINCT FROM kept.${column}::${bareType(after)}::${bareType(before)}`,
        ),
        ...(delta.from[`default of ${named}`]
          ? [`${alter} ALTER COLUMN ${column} SET DEFAULT ${delta.from[`default of ${named}`]!.definition}`]
          : []),
      ]),
    }),
  }
}

function bareType({ definition }: Fact): string {
  return definition.replace(/ COLLATE .*/, '')
}

/**
 * The statements with the indexes of a partitioned table dropped before and made again after them: the server makes
 * those of the partitions anew in any case, and gives them names of its own.
 */
function namedIndexes({ from, to }: Delta, table: string, sql: readonly string[]): string[] {
  const kept = (fact: Fact) => from[objectOf(fact)]?.definition === fact.definition
  const whole = isPartitioned(to, table)
    ? ofKind(to, 'index').filter((fact) => indexedTable(fact) === table && kept(fact))
    : []
  const partsOf = (above: readonly Fact[]): Fact[] => {
    const found = ofKind(to, 'index').filter((fact) => above.some(({ of }) => of === wholeIndex(fact)))
    return found.length ? [...found, ...partsOf(found)] : []
  }
  const parts = partsOf(whole)
  return [
    ...whole.map(({ of }) => `DROP INDEX ${quoteIdentifier(of)}`),
    ...sql,
    ...[...whole, ...parts].map(indexSql),
    ...parts.flatMap(attachSql),
  ]
}

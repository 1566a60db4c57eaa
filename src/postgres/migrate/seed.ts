// Rows for proofs: some in every table, within its keys, vocabularies and references.

import { isForeignKey, ofKind, referencedTable } from '../changes/delta.ts'
import type { Client } from '../connection.ts'
import type { Fact } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { quoteIdentifier } from '../identifiers.ts'

const rowsPerTable = 4

/** Adds rows to every table that has none. @returns rows there are now, by table */
export async function seedRows(
  client: Client,
  schema: string,
  facts: Fingerprint,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of byReference(facts)) {
    const name = quoteIdentifier(schema, table)
    const count = async () => Number((await client.query(`SELECT count(*) AS n FROM ${name}`)).rows[0]!.n)
    if ((await count()) === 0) {
      for (let row = 1; row <= rowsPerTable; row++) await insertRow(client, schema, table, facts, row)
    }
    counts[table] = await count()
  }
  return counts
}

/** Tables in an order in which references can be met. */
function byReference(facts: Fingerprint): string[] {
  const order: string[] = []
  const visit = (table: string) => {
    if (order.includes(table)) return
    for (const fact of foreignKeys(facts, table)) {
      const target = referencedTable(fact)
      if (target !== undefined && target !== table) visit(target)
    }
    order.push(table)
  }
  for (const { of } of ofKind(facts, 'table').filter(
    ({ definition }) => !definition.includes('PARTITION OF'),
  ))
    visit(of)
  return order
}

function foreignKeys(facts: Fingerprint, table: string): Fact[] {
  return ofKind(facts, 'constraint').filter((fact) => fact.of === table && isForeignKey(fact))
}

async function insertRow(
  client: Client,
  schema: string,
  table: string,
  facts: Fingerprint,
  row: number,
): Promise<void> {
  const columns = ofKind(facts, 'column').filter(
    ({ of, definition }) => of === table && !/ GENERATED /.test(definition),
  )
  const values = new Map(columns.map((column) => [column.name!, sample(column, facts, row)]))
  // Foreign keys may share columns: a later one looks among the rows that agree with what an earlier one chose.
  const chosen = new Set<string>()
  for (const fact of foreignKeys(facts, table)) {
    const [own, theirs] = [...fact.definition.matchAll(/\(([^)]*)\)/g)].map(([, list]) => list!.split(', '))
    const target = quoteIdentifier(schema, referencedTable(fact)!)
    const names = own!.map((column) => column.replaceAll('"', ''))
    const agreeing = names.flatMap((name, i) =>
      chosen.has(name) ? [`${theirs![i]} = ${values.get(name)}`] : [],
    )
    const [where, offset] = agreeing.length ? [` WHERE ${agreeing.join(' AND ')}`, 0] : ['', row - 1]
    names.forEach((name, i) => {
      if (chosen.has(name)) return
      const order = theirs!.join(', ')
      values.set(
        name,
        `(SELECT ${theirs![i]} FROM ${target}${where} ORDER BY ${order} OFFSET ${offset} LIMIT 1)`,
      )
    })
    for (const name of names) chosen.add(name)
  }
  const names = [...values.keys()].map((each) => quoteIdentifier(each)).join(', ')
  await client.query(
    `INSERT INTO ${quoteIdentifier(schema, table)} (${names}) VALUES (${[...values.values()].join(', ')}) ON CONFLICT DO NOTHING`,
  )
}

/** A value that a narrower type could not hold exactly, where the type allows one. */
function sample({ of, name, definition }: Fact, facts: Fingerprint, row: number): string {
  // A sequence must go on after the rows, as it does when they are loaded.
  if (facts[`default of column ${of}.${name}`]?.definition.startsWith('nextval(')) return 'DEFAULT'
  const words = vocabulary(facts, of, name!)
  if (words.length > 0) return words[row % words.length]!
  const scalar = definition.replace(/\[\]$/, '').replace(/[ (].*/, '')
  const value = {
    bigint: String(30_000 + row),
    integer: String(20_000 + row),
    smallint: String(row),
    real: `${row}.1`,
    double: `${row}.123456789012345`,
    numeric: `${row}.5`,
    boolean: row % 2 ? 'true' : 'false',
    timestamp: `'2024-01-0${row} 00:00:00.123456'`,
    text: `'row ${row} o''clock'`,
  }[scalar]
  if (value === undefined) return 'DEFAULT'
  return definition.endsWith('[]') ? `ARRAY[${value}, ${value}]::${definition}` : value
}

/** The words of a check of the form that vocabularies have. */
function vocabulary(facts: Fingerprint, table: string, column: string): string[] {
  const check = ofKind(facts, 'constraint').find(
    (fact) =>
      (fact.of === table && fact.definition.startsWith(`CHECK ((${column} = `)) ||
      (fact.of === table && fact.definition.startsWith(`CHECK (("${column}" = `)),
  )
  return check?.definition.match(/'(?:[^']|'')*'(?=::text)/g) ?? []
}

// Filling tables from nothing inside a transaction: constraints and indexes go first and come back at the end.
import { type Client, CopyWriter, quoteIdentifier, quoteQualified } from '../postgres/index.ts'

/** Bytes collected before they are sent. */
const SEND_BYTES = 1 << 20

/**
 * Empties the tables, takes off their keys, foreign keys and indexes, runs `fill`, and puts all of them back:
 * building an index once is several times faster than keeping it up row by row. Readers wait from here to the end
 * of the transaction; before it they see the old rows.
 */
export async function refill(
  client: Client,
  tables: readonly string[],
  fill: () => Promise<void>,
): Promise<void> {
  const names = tables.map((table) => quoteQualified(table))
  await client.query(`TRUNCATE ${names.join(', ')}`)
  const { rows: constraints } = await client.query<{ owner: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE conrelid = ANY ($1::regclass[]) AND contype IN ('p', 'u', 'f')
     ORDER BY contype = 'f', conname`,
    [names],
  )
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i WHERE i.indrelid = ANY ($1::regclass[])
       AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))`,
    [names],
  )
  for (const { owner, name } of constraints.toReversed()) {
    await client.query(`ALTER TABLE ${owner} DROP CONSTRAINT ${quoteIdentifier(name)}`)
  }
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`)
  await fill()
  for (const { definition } of indexes) await client.query(definition)
  for (const { owner, name, definition } of constraints) {
    await client.query(`ALTER TABLE ${owner} ADD CONSTRAINT ${quoteIdentifier(name)} ${definition}`)
  }
  // The planner would go on believing in the old rows until autovacuum comes by.
  await client.query(`ANALYZE ${names.join(', ')}`)
}

/** A run of rows to be copied. */
export interface RowChunk {
  readonly rows: number
  /** Writes the row of that number, counted from 0: whole, or nothing of it. */
  write(writer: CopyWriter, row: number): void
}

/**
 * Copies rows into a table.
 * @returns rows stored
 */
export async function copyRows(
  client: Client,
  table: string,
  columns: readonly string[],
  chunks: readonly RowChunk[],
): Promise<number> {
  const list = columns.map((column) => quoteIdentifier(column)).join(', ')
  const copy = await client.copyIn(`COPY ${quoteQualified(table)} (${list}) FROM STDIN (FORMAT binary)`)
  try {
    const writer = new CopyWriter(columns.length, 2 * SEND_BYTES)
    for (const { rows, write } of chunks) {
      for (let row = 0; row < rows; row++) {
        write(writer, row)
        if (writer.length < SEND_BYTES) continue
        await copy.write(writer.bytes())
        writer.clear()
      }
    }
    writer.finish()
    await copy.write(writer.bytes())
    return await copy.finish()
  } catch (fault) {
    // The connection would wait for more rows for ever, and the transaction's ROLLBACK with it.
    await copy.abort('the writer failed')
    throw fault
  }
}

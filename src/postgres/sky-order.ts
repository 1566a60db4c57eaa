// Physical order by position: rows that are near on the sky stand near on the disk.
import type { Catalog } from '../model/index.ts'
import type { Client } from './connection.ts'
import { quoteIdentifier } from './identifiers.ts'

/**
 * Rewrites a catalogue's table in the order of its sky index; nothing for a catalogue without one. Readers and
 * writers wait meanwhile, and the disk holds the table twice.
 */
export async function orderBySky(client: Client, { schema, table, sky, partition }: Catalog): Promise<void> {
  if (!sky) return
  const name = quoteIdentifier(schema, table)
  const order = async () => {
    await client.query(`CLUSTER ${name} USING ${quoteIdentifier(sky.index)}`)
    await forgetOrder(client, name)
  }
  // Partitions are ordered one by one, each in a transaction of the server's.
  await (partition ? order() : client.transaction(order))
  await client.query(`ANALYZE ${name}`)
}

/** CLUSTER marks the index for later ones without a name; the catalogue declares no such mark. */
async function forgetOrder(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ marked: string }>(
    `SELECT indrelid::regclass::text AS marked FROM pg_index WHERE indisclustered
       AND (indrelid = $1::regclass OR indrelid IN (SELECT relid FROM pg_partition_tree($1::regclass)))`,
    [name],
  )
  for (const { marked } of rows) await client.query(`ALTER TABLE ${marked} SET WITHOUT CLUSTER`)
}

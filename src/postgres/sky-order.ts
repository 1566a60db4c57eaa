// Physical order by position: rows that are near on the sky stand near on the disk.
import type { Catalog } from '../model/index.ts'
import type { Client } from './connection.ts'
import { quoteIdentifier } from './identifiers.ts'

/**
 * Rewrites a catalogue's table in the order of its sky index; nothing for a catalogue without one. Readers and
 * writers wait meanwhile, and the disk holds the table twice.
 */
export async function orderBySky(client: Client, { schema, table, sky }: Catalog): Promise<void> {
  if (!sky) return
  const name = quoteIdentifier(schema, table)
  await client.query(`CLUSTER ${name} USING ${quoteIdentifier(sky.index)}`)
  await client.query(`ANALYZE ${name}`)
}

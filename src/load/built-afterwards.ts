// What is built when the data are in, because that is faster than row by row: secondary indexes, then foreign keys.
import type { Catalog } from '../model/index.ts'
import { type AfterLoad, type Client, quoteIdentifier, sqlState } from '../postgres/index.ts'
import { overAll } from './over-all.ts'

export interface BuiltAfterwards {
  readonly indexes: readonly AfterLoad[]
  /** Each file's references are checked by one query meanwhile, see orphans.ts. */
  readonly foreignKeys: readonly AfterLoad[]
}

/**
 * Runs the load without these indexes and foreign keys of empty tables, and builds them over all connections. What
 * a killed load leaves unbuilt is what the next `applySurvey` finds missing.
 */
export async function builtAfterwards<T>(
  clients: readonly Client[],
  catalogs: readonly Catalog[],
  afterwards: ((catalog: Catalog) => BuiltAfterwards) | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!afterwards) return work()
  const first = clients[0]!
  const indexes: AfterLoad[] = []
  const foreignKeys: AfterLoad[] = []
  // A failure from here on must not leave anything dropped.
  const buildAll = async () => {
    await overAll(clients, indexes, build)
    await overAll(clients, foreignKeys, build)
  }
  try {
    for (const catalog of catalogs) {
      if (await isFilled(first, catalog)) continue
      const { indexes: itsIndexes, foreignKeys: itsKeys } = afterwards(catalog)
      for (const index of itsIndexes) {
        await first.query(index.drop)
        indexes.push(index)
      }
      for (const key of itsKeys) if (await dropped(first, key)) foreignKeys.push(key)
    }
    const result = await work()
    await buildAll()
    return result
  } catch (error) {
    // What was loaded before the failure stays, so it needs them; the failure is what is told.
    await buildAll().catch(() => {})
    throw error
  }
}

async function isFilled(client: Client, { schema, table }: Catalog): Promise<boolean> {
  const { rows } = await client.query<{ filled: boolean }>(
    `SELECT EXISTS (SELECT FROM ${quoteIdentifier(schema, table)}) AS filled`,
  )
  return rows[0]!.filled
}

const lockNotAvailable = '55P03'

/** A foreign key locks the other table too: where that is in long use, the key stays, and is checked row by row. */
async function dropped(client: Client, { drop }: AfterLoad): Promise<boolean> {
  try {
    await client.transaction(async () => {
      await client.query(`SET LOCAL lock_timeout = '1s'`)
      await client.query(drop)
    })
    return true
  } catch (error) {
    if (sqlState(error) !== lockNotAvailable) throw error
    return false
  }
}

/** SQLSTATEs of an index and of a constraint that are there. */
const alreadyThere = ['42P07', '42710']

/** Another loader that filled the same tables may have built it first. */
async function build(client: Client, { create }: AfterLoad): Promise<void> {
  try {
    await client.query(create)
  } catch (error) {
    if (!alreadyThere.includes(sqlState(error) ?? '')) throw error
  }
}

// Connections that all see the database as it was at one moment, and statements whose failure leaves the others be.
import { type Client, quoteLiteral } from '../postgres/index.ts'

/**
 * Runs `work` while every connection reads one and the same snapshot. A single connection within a transaction of its
 * own stays in that: it sees what the transaction has changed.
 */
export async function onOneSnapshot<T>(clients: readonly Client[], work: () => Promise<T>): Promise<T> {
  const [first, ...others] = clients
  if (first!.inTransaction) return work()
  return first!.transaction(async () => {
    await first!.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    const { rows } = await first!.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot')
    const joined = others.reduceRight<() => Promise<T>>(
      (inner, other) => () =>
        other.transaction(async () => {
          await other.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
          await other.query(`SET TRANSACTION SNAPSHOT ${quoteLiteral(rows[0]!.snapshot)}`)
          return inner()
        }),
      work,
    )
    return joined()
  })
}

/** Runs statements within a transaction; a failure undoes them alone, is thrown on, and the transaction lives. */
export async function contained<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('SAVEPOINT almagest_check')
  try {
    const result = await work()
    await client.query('RELEASE SAVEPOINT almagest_check')
    return result
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT almagest_check').catch(() => {})
    throw error
  }
}

// One migrating session at a time, and locks that nobody waits behind for long.
import { setTimeout as sleep } from 'node:timers/promises'
import { AlmagestError } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import { sqlState } from '../server-errors.ts'

export interface Patience {
  /** Milliseconds that a statement waits for a lock, with others waiting behind it. */
  readonly lockTimeout: number
  /** How often a step is tried again when it did not get its locks. */
  readonly lockTries: number
  /** Milliseconds that one statement may take. */
  readonly statementTimeout: number
  /** Milliseconds to wait for another migrating session. */
  readonly turnTimeout: number
}

export const usualPatience: Patience = {
  lockTimeout: 100,
  lockTries: 30,
  statementTimeout: 3_600_000,
  turnTimeout: 30_000,
}

/** Runs `work` as the only migration of the survey. @throws AlmagestError `MIGRATION_BUSY` */
export async function inTurn<T>(
  client: Client,
  survey: string,
  { turnTimeout }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const key = `almagest migrate ${survey}`
  const end = Date.now() + turnTimeout
  const take = async () =>
    (await client.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', [key])).rows[0]!
      .taken
  while (!(await take())) {
    if (Date.now() > end) throw busy(survey, turnTimeout)
    await sleep(100)
  }
  try {
    return await work()
  } finally {
    // On a lost connection the server has let go of it already.
    await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key]).catch(() => {})
  }
}

/** SQLSTATE lock_not_available: a statement waited `lock_timeout` for a lock. */
const lockNotAvailable = '55P03'
const longestPause = 5000

/**
 * A transaction that is tried again, after pauses that double, while it does not get its locks.
 * @throws AlmagestError `MIGRATION_LOCKED` when it never does
 */
export async function patientTransaction(
  client: Client,
  patience: Patience,
  work: () => Promise<void>,
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await client.transaction(async () => {
        await client.query(`SET LOCAL lock_timeout = ${patience.lockTimeout}`)
        await client.query(`SET LOCAL statement_timeout = ${patience.statementTimeout}`)
        await work()
      })
      return
    } catch (error) {
      if (sqlState(error) !== lockNotAvailable) throw error
      if (tried >= patience.lockTries) throw locked(tried, patience, error)
    }
    const pause = Math.min(longestPause, 50 * 2 ** tried)
    await sleep(pause * (0.5 + Math.random() / 2))
  }
}

function locked(tries: number, { lockTimeout }: Patience, cause: unknown): AlmagestError {
  return new AlmagestError(
    'MIGRATION_LOCKED',
    'server',
    `other sessions held the locks that the migration needs: ${tries} tries of ${lockTimeout} ms; nothing was changed`,
    'Find them in pg_stat_activity, let them finish, or try again at a quieter time.',
    {},
    { cause },
  )
}

function busy(survey: string, waited: number): AlmagestError {
  return new AlmagestError(
    'MIGRATION_BUSY',
    'server',
    `another session is migrating "${survey}"; waited ${waited / 1000} s for it`,
    'Wait until it has ended, then run the command again.',
  )
}

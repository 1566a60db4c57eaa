// One connection to a server: queries, transactions, COPY in both directions.
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { parseConnectionUrl } from './backends/connection-url.ts'
import { CopyIn } from './copy-in.ts'
import { CopyRows } from './copy-rows.ts'
import { translateServerError } from './server-errors.ts'

export type Row = Record<string, unknown>

export interface QueryResult<R> {
  rows: R[]
  /** Rows returned or changed. */
  rowCount: number
}

/** Milliseconds to wait for a connection before giving up. */
const connectTimeout = 15_000

/** The driver's parsers, with int8 exact: a 53-bit number would corrupt identifiers such as TARGETID. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === pg.types.builtins.INT8) return BigInt
    if (oid === int8ArrayOid) return (text: string) => mapNested(parseTextArray(text), BigInt)
    return pg.types.getTypeParser(oid, format as 'text')
  }) as typeof pg.types.getTypeParser,
}
/** Type oids of pg_type.dat; the driver names no array types. */
const int8ArrayOid = 1016
const textArrayOid = 1009 as (typeof pg.types.builtins)['TEXT']
const parseTextArray: (text: string) => Nested<string> = pg.types.getTypeParser(textArrayOid, 'text')

type Nested<T> = (T | null | Nested<T>)[]

function mapNested<T, U>(values: Nested<T>, map: (value: T) => U): Nested<U> {
  return values.map((value) =>
    Array.isArray(value) ? mapNested(value, map) : value === null ? null : map(value as T),
  )
}

/**
 * An open connection. Its methods reject with the driver's own errors, whose `code` is the SQLSTATE;
 * pass them through `translateServerError` where the place is known. One statement at a time.
 */
export class Client {
  readonly #driver: pg.Client
  #inTransaction = false

  constructor(driver: pg.Client) {
    this.#driver = driver
    // A lost connection also rejects the statement under way, or the next one; unheard, it would end the process.
    driver.on('error', () => {})
  }

  get host(): string {
    return this.#driver.host
  }

  get port(): number {
    return this.#driver.port
  }

  /** The server process that serves this connection, as in pg_stat_activity. */
  get processId(): number {
    return (this.#driver as unknown as { processID: number }).processID
  }

  /** Whether a transaction is open, whoever began it. */
  get inTransaction(): boolean {
    return (this.#driver.getTransactionStatus() ?? 'I') !== 'I'
  }

  /**
   * Runs SQL: int8 comes as bigint, float4 and float8 as number, NULL as null. Several statements in one
   * text are allowed when there are no parameters; the last one's result is returned.
   */
  async query<R extends Row = Row>(sql: string, parameters?: unknown[]): Promise<QueryResult<R>> {
    const answer: pg.QueryResult<R> | pg.QueryResult<R>[] = await this.#driver.query<R>(sql, parameters)
    const last = Array.isArray(answer) ? answer.at(-1) : answer
    return { rows: last?.rows ?? [], rowCount: last?.rowCount ?? 0 }
  }

  /** Runs `work` between BEGIN and COMMIT; whatever it throws rolls back and is thrown on. Does not nest. */
  async transaction<T>(work: (client: this) => Promise<T>): Promise<T> {
    if (this.#inTransaction) throw new Error('transactions do not nest')
    this.#inTransaction = true
    try {
      await this.query('BEGIN')
      const result = await work(this)
      await this.query('COMMIT')
      return result
    } catch (error) {
      // On a dead connection this fails as well, and the server has rolled back by itself.
      await this.query('ROLLBACK').catch(() => {})
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  /**
   * Starts `COPY ... FROM STDIN`. The connection serves nothing else until `finish` or `abort`.
   * @throws the server's error when it refuses the statement
   */
  async copyIn(sql: string): Promise<CopyIn> {
    const copy = new CopyIn(sql)
    this.#driver.query(copy)
    await copy.ready()
    return copy
  }

  /**
   * Streams `COPY ... TO STDOUT` in chunks of arbitrary size, no faster than they are taken. Leaving the
   * loop early reads the rest and drops it, so that the connection stays usable.
   */
  async *copyOut(sql: string): AsyncGenerator<Buffer, void, undefined> {
    const stream: Readable = this.#driver.query(copyTo(sql, { highWaterMark: 1 << 20 }))
    try {
      for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield chunk as Buffer
    } finally {
      if (!stream.readableEnded && !stream.errored && !stream.destroyed) await finished(stream.resume())
    }
  }

  /**
   * Streams `COPY ... TO STDOUT` as the server's messages, see {@link CopyRows}: for readers of many narrow rows.
   * @param ahead  bytes that may wait for the reader
   */
  copyRows(sql: string, ahead = 1 << 22): AsyncGenerator<Buffer, void, undefined> {
    const rows = new CopyRows(sql, ahead)
    this.#driver.query(rows)
    return rows.chunks()
  }

  async end(): Promise<void> {
    await this.#driver.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }
}

/**
 * Opens a connection under the application name `almagest`.
 * @param server  a running server, or a connection URL
 * @throws AlmagestError `DATABASE_URL_INVALID`, `SERVER_REFUSED`, `SERVER_UNKNOWN_HOST`, `SERVER_AUTH`,
 *   `DATABASE_MISSING`, `SERVER_TLS` and the others of `translateServerError`
 */
export async function connect(server: string | { connectionUrl: string }): Promise<Client> {
  const connectionString = typeof server === 'string' ? server : server.connectionUrl
  parseConnectionUrl(connectionString)
  try {
    const driver = new pg.Client({
      connectionString,
      types,
      application_name: 'almagest',
      keepAlive: true,
      connectionTimeoutMillis: connectTimeout,
    })
    const client = new Client(driver)
    await driver.connect()
    return client
  } catch (error) {
    throw translateServerError(error)
  }
}

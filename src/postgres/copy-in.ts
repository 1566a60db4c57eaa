// COPY ... FROM STDIN over an open connection, with backpressure and with the server's own error.
import type pg from 'pg'

/** The part of the driver's connection that a COPY needs; its typings leave most of it out. */
interface CopyConnection {
  query(sql: string): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
  stream: import('node:net').Socket
}

/**
 * A running `COPY ... FROM STDIN`. Written here rather than with pg-copy-streams, whose write callback
 * comes before the socket took the bytes: here a resolved `write` means the caller may reuse its buffer.
 */
export class CopyIn implements pg.Submittable {
  #connection!: CopyConnection
  #rows = 0
  #failure: Error | undefined
  #fail!: (error: Error) => void
  #open!: () => void
  #close!: () => void
  readonly #failed = new Promise<never>((_, reject) => (this.#fail = reject))
  readonly #opened = new Promise<void>((resolve) => (this.#open = resolve))
  readonly #closed = new Promise<void>((resolve) => (this.#close = resolve))

  constructor(readonly sql: string) {
    this.#failed.catch(() => {})
  }

  /** Resolves when the server is ready for data. */
  ready(): Promise<void> {
    return Promise.race([this.#opened, this.#failed])
  }

  /**
   * Sends bytes of the COPY format (any cut, rows may span calls).
   * @returns when the socket has taken them: the buffer is free again
   * @throws the server's error when it has refused the data or gone away
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (bytes.length === 0) return
    const head = Buffer.alloc(5)
    head[0] = 0x64 // 'd', CopyData
    head.writeInt32BE(bytes.length + 4, 1)
    const { stream } = this.#connection
    const taken = new Promise<void>((resolve, reject) => {
      stream.cork()
      stream.write(head)
      stream.write(bytes, (error) => (error ? reject(error) : resolve()))
      stream.uncork()
    })
    await Promise.race([taken, this.#failed])
  }

  /** Ends the data. @returns rows that the server has stored @throws the server's error */
  async finish(): Promise<number> {
    if (this.#failure) throw this.#failure
    this.#connection.endCopyFrom()
    await Promise.race([this.#closed, this.#failed])
    return this.#rows
  }

  /** Gives up: the server discards all rows of this COPY. Resolves also when it has failed already. */
  async abort(reason: string): Promise<void> {
    if (this.#failure) return
    this.#connection.sendCopyFail(reason)
    await this.#failed.catch(() => {})
  }

  /** Called by the driver from here on. */
  submit(connection: pg.Connection): void {
    this.#connection = connection as unknown as CopyConnection
    this.#connection.query(this.sql)
  }

  handleCopyInResponse(): void {
    this.#open()
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0)
  }

  handleReadyForQuery(): void {
    this.#close()
  }

  handleError(error: Error): void {
    this.#failure ??= error
    this.#fail(this.#failure)
  }
}

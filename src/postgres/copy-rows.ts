// COPY ... TO STDOUT with its messages left as they came, for readers that know the layout of their own query.
import type { Socket } from 'node:net'
import type pg from 'pg'

/** The part of the driver's connection that this needs. */
interface CopyConnection {
  query(sql: string): void
  stream: Socket
}

/** Bytes before each row: the letter `d`, and the length of what follows it. */
export const copyDataHead = 5

/** Length of the message that begins at `at`. */
const messageBytes = (bytes: Buffer, at: number): number => 1 + bytes.readInt32BE(at + 1)

const letters = {
  copyOutResponse: 0x48,
  copyData: 0x64,
  copyDone: 0x63,
  commandComplete: 0x43,
  errorResponse: 0x45,
}

/**
 * A running `COPY ... TO STDOUT`, read from the socket past the driver. The server sends each row as a message of
 * its own (PostgreSQL manual, "Message Flow", COPY Operations: "always one per row"); to unwrap them one by one
 * takes longer than to decode them.
 */
export class CopyRows implements pg.Submittable {
  #connection!: CopyConnection
  /** The driver's own listener, which gets the socket back when the rows are through. */
  #driver!: (bytes: Buffer) => void
  #handedBack = false
  #queue: Buffer[] = []
  #queued = 0
  /** The beginning of a message whose end has not come. */
  #cut: Buffer = Buffer.alloc(0)
  #dropping = false
  #closed = false
  #failure: Error | undefined
  #wake: () => void = () => {}

  /** @param ahead  bytes that may wait for the reader before the server is made to wait */
  constructor(
    readonly sql: string,
    readonly ahead: number,
  ) {}

  /**
   * Buffers of whole CopyData messages, {@link copyDataHead} bytes before each row; the first row has the header of
   * the format before it, and the last message is the trailer. A loop that is left early waits for the rest.
   * @throws the server's error
   */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    try {
      while (true) {
        const chunk = this.#queue.shift()
        if (chunk) {
          this.#queued -= chunk.length
          if (this.#queued < this.ahead) this.#connection.stream.resume()
          yield chunk
        } else if (this.#failure) throw this.#failure
        else if (this.#closed) return
        else await this.#change()
      }
    } finally {
      this.#dropping = true
      this.#connection?.stream.resume()
      while (!this.#closed && !this.#failure) await this.#change()
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  /** Called by the driver from here on. */
  submit(connection: pg.Connection): void {
    this.#connection = connection as unknown as CopyConnection
    const { stream } = this.#connection
    this.#driver = stream.listeners('data')[0] as (bytes: Buffer) => void
    stream.off('data', this.#driver)
    stream.on('data', this.#receive)
    this.#connection.query(this.sql)
  }

  readonly #receive = (bytes: Buffer): void => {
    if (this.#cut.length === 0) {
      this.#walk(bytes)
      return
    }
    // The cut message is completed with as little as it takes: to join everything would copy everything.
    const head = Buffer.concat([this.#cut, bytes.subarray(0, copyDataHead)])
    const missing = head.length < copyDataHead ? bytes.length + 1 : messageBytes(head, 0) - this.#cut.length
    const message = Buffer.concat([this.#cut, bytes.subarray(0, missing)])
    if (missing > bytes.length) {
      this.#cut = message
      return
    }
    this.#cut = Buffer.alloc(0)
    this.#walk(message)
    this.#walk(bytes.subarray(missing))
  }

  /** Passes on the rows; the beginning and the end of the COPY are dropped, other messages are the driver's. */
  #walk(bytes: Buffer): void {
    if (this.#handedBack) {
      this.#driver(bytes)
      return
    }
    let [start, at] = [0, 0]
    while (at + copyDataHead <= bytes.length) {
      const end = at + messageBytes(bytes, at)
      const letter = bytes[at]
      if (letter !== letters.copyData) {
        this.#push(bytes.subarray(start, at))
        if (letter === letters.commandComplete || letter === letters.errorResponse) {
          this.#handBack(bytes.subarray(at))
          return
        }
        start = end
        if (end > bytes.length) break
        // Notices and changed settings.
        if (letter !== letters.copyOutResponse && letter !== letters.copyDone)
          this.#driver(bytes.subarray(at, end))
      }
      if (end > bytes.length) break
      at = end
    }
    this.#push(bytes.subarray(Math.min(start, at), at))
    this.#cut = bytes.subarray(at)
  }

  #handBack(bytes: Buffer): void {
    const { stream } = this.#connection
    this.#handedBack = true
    stream.off('data', this.#receive)
    stream.on('data', this.#driver)
    stream.resume()
    this.#driver(bytes)
  }

  #push(chunk: Buffer): void {
    if (chunk.length === 0 || this.#dropping) return
    this.#queue.push(chunk)
    this.#queued += chunk.length
    if (this.#queued >= this.ahead) this.#connection.stream.pause()
    this.#wake()
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#closed = true
    this.#wake()
  }

  handleError(error: Error): void {
    this.#failure = error
    this.#wake()
  }
}

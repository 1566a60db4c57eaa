// The stream: blocks of rows in, COPY data out, one half of the buffer being sent while the other is filled.
import type { FitsFile } from '../fits/index.ts'
import { type Client, type CopyIn, copyHeader, copyTrailer } from '../postgres/index.ts'
import { encodeRows } from './encode-rows.ts'
import { loadError } from './errors.ts'
import type { TablePlan } from './plan.ts'
import type { RejectLog } from './rejects.ts'
import { lockstepBlocks } from './row-blocks.ts'

/** Waiting rejects of this size end the COPY, are stored, and a new COPY begins: memory stays bounded. */
const mostRejectBytes = 2 << 20

export interface CopyHooks {
  readonly signal: AbortSignal | undefined
  /** Called after each piece that was sent. */
  onRows(rows: number): void
}

/**
 * Sends all rows of the plan to the server; rejected ones go to the log, and are stored.
 * @param sql  the COPY statement, for `plan.columns`
 * @returns rows that the server says it has stored
 * @throws the server's error (for keys: SQLSTATE 23505, 23503), FitsError, AlmagestError
 */
export async function copyRows(
  client: Client,
  file: FitsFile,
  plan: TablePlan,
  sql: string,
  rejects: RejectLog,
  { signal, onRows }: CopyHooks,
): Promise<number> {
  const onReject = (row: number) => rejects.add(plan.note, row + 1)
  let stored = 0
  let sender = new HalfSender(plan, await client.copyIn(sql))
  try {
    for await (const rows of lockstepBlocks(file, plan)) {
      for (let left = rows; left > 0; ) {
        if (signal?.aborted)
          throw loadError('LOAD_INTERRUPTED', 'the load was interrupted', { file: file.name })
        const { done, at } = encodeRows(plan, left, sender.at, sender.limit, onReject)
        left -= done
        sender.at = at
        if (left > 0) await sender.send()
        onRows(done)
      }
      if (rejects.waiting > mostRejectBytes) {
        stored += await sender.finish()
        await rejects.store(client)
        sender = new HalfSender(plan, await client.copyIn(sql))
      }
    }
    stored += await sender.finish()
    await rejects.store(client)
    return stored
  } catch (error) {
    await sender.abandon()
    throw error
  }
}

/** The plan's output as two halves. */
class HalfSender {
  /** Where the next byte goes, and the end of the half being filled. */
  at: number
  limit: number
  #start = 0
  #under: Promise<void> = Promise.resolve()
  readonly #half: number

  constructor(
    readonly plan: TablePlan,
    readonly copy: CopyIn,
  ) {
    const { bytes } = plan.out
    this.#half = bytes.length / 2
    bytes.set(copyHeader)
    this.at = copyHeader.length
    this.limit = this.#half
  }

  /** Sends what the half holds, once the other one is free. */
  async send(): Promise<void> {
    await this.#under
    this.#under = this.copy.write(this.plan.out.bytes.subarray(this.#start, this.at))
    // Its failure is met at the next send; until then it must not count as unhandled.
    this.#under.catch(() => {})
    this.#start = this.#start === 0 ? this.#half : 0
    this.at = this.#start
    this.limit = this.#start + this.#half
  }

  async finish(): Promise<number> {
    await this.send()
    await this.#under
    await this.copy.write(copyTrailer)
    return this.copy.finish()
  }

  async abandon(): Promise<void> {
    await this.#under.catch(() => {})
    await this.copy.abort('the load failed')
  }
}

// Asking again: faults that may pass are met with growing pauses, as long as there is hope.
import { setTimeout as sleep } from 'node:timers/promises'
import { fetchError } from './errors.ts'
import { Passing } from './request.ts'

export interface RetryOptions {
  /** Attempts without a byte of progress before giving up. */
  readonly attempts: number
  /** Milliseconds before the second attempt; doubles from then on, to at most a minute. */
  readonly pause: number
  readonly signal: AbortSignal | undefined
}

const longestPause = 60_000

/**
 * Runs `work` until it succeeds. Progress, as `progress` counts it, gives it all attempts anew.
 * @throws AlmagestError `FETCH_HTTP_FAILED` with the last fault, or what `work` throws that doesn't pass
 */
export async function persistently<T>(
  url: string,
  { attempts, pause, signal }: RetryOptions,
  work: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  for (let attempt = 1, before = progress(); ; attempt++) {
    let fault: Passing
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof Passing)) throw thrown
      fault = thrown
    }
    if (progress() > before) {
      before = progress()
      attempt = 1
    }
    if (attempt >= attempts) {
      const message = `${url}: ${fault.message}, ${attempts} attempts`
      throw fetchError('FETCH_HTTP_FAILED', message, { file: url }, { cause: fault })
    }
    await waiting(Math.max(fault.wait, Math.min(pause * 2 ** (attempt - 1), longestPause)), signal)
  }
}

async function waiting(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {})
  } catch (cause) {
    throw fetchError('FETCH_INTERRUPTED', 'Fetching was interrupted', {}, { cause })
  }
}

// Batches of galaxies placed by worker threads, while the calling thread reads the next ones out of the database.
import { Worker } from 'node:worker_threads'
import type { Release } from './finder.ts'
import type { GalaxyBatch } from './galaxies.ts'
import type { MappingSummary } from './map.ts'
import type { PlacedBatch, PlacedTotals, ToPlace } from './place-batch.ts'
import { sent } from './sent-releases.ts'
import { addSummaries } from './summaries.ts'

/** What a thread is asked: to place a batch, or what its totals are. */
export type Question = GalaxyBatch | 'totals'
export type Answer =
  | { readonly placed: PlacedBatch }
  | { readonly totals: PlacedTotals }
  | { readonly error: unknown }

/** Places batches, some at a time. */
export interface BatchRoad {
  /** Batches that may be under way at once. */
  readonly width: number
  place(batch: GalaxyBatch): Promise<PlacedBatch>
  /** Totals of all batches, once they are placed. */
  totals(): Promise<PlacedTotals>
  end(): Promise<void>
}

/**
 * Starts threads, each of which prepares all releases: that takes some tenths of a second and, besides the columns
 * that they share, the memory of grids and indexes.
 */
export function placingThreads(toPlace: ToPlace, threads: number): BatchRoad {
  const workerData = sent(toPlace)
  const pool = Array.from({ length: threads }, () => new PlacingThread(workerData))
  let next = 0
  return {
    // One more for each, so that none waits for its next batch.
    width: 2 * threads,
    place: async (batch) => {
      const answer = await pool[next++ % threads]!.ask(batch)
      return (answer as { placed: PlacedBatch }).placed
    },
    async totals() {
      const answers = await Promise.all(pool.map((thread) => thread.ask('totals')))
      const totals = answers.map((answer) => (answer as { totals: PlacedTotals }).totals)
      const { releases } = toPlace
      // Spheres know nothing of zones, and count none.
      const withoutZones = releases.map(({ galaxyZones: _, ...release }) => release)
      return totals.reduce((sum, each) => ({
        releases: added(sum.releases, each.releases, releases),
        spheres: added(sum.spheres, each.spheres, withoutZones),
      }))
    },
    async end() {
      await Promise.all(pool.map((thread) => thread.end()))
    },
  }
}

/** Sums of two threads, release by release; there may be several spheres of each. */
function added(
  a: readonly MappingSummary[],
  b: readonly MappingSummary[],
  releases: readonly Release[],
): MappingSummary[] {
  return a.map((summary, i) => addSummaries(summary, b[i]!, releases[i % releases.length]!))
}

/** A worker; questions are answered in their order. */
class PlacingThread {
  readonly #worker: Worker
  readonly #waiting: { resolve(answer: Answer): void; reject(error: unknown): void }[] = []
  #failure: unknown

  constructor(workerData: unknown) {
    this.#worker = new Worker(new URL('./place-worker.mjs', import.meta.url), { workerData, execArgv: [] })
    this.#worker.on('message', (answer: Answer) => {
      const { resolve, reject } = this.#waiting.shift()!
      if ('error' in answer) reject(answer.error)
      else resolve(answer)
    })
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', (code) => this.#fail(new Error(`a placing thread ended with code ${code}`)))
  }

  ask(question: Question): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure)
    const answer = new Promise<Answer>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#worker.postMessage(question)
    return answer
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

// Pairs by the index on the server: over one connection, or over several that divide the rows of a by declination.
import { type Client, readCopy } from '../../postgres/index.ts'
import { evenBands } from './bands.ts'
import { openReader, type Server, sameSnapshot } from './connections.ts'
import type { KeyColumn } from './keys.ts'
import type { Pairs } from './pairs.ts'
import { type Partition, pairsSql } from './pairs-sql.ts'
import type { Prepared } from './prepare.ts'
import { reachOf } from './reach.ts'

/** Pairs by the server's road. */
export async function* serverPairs(
  client: Client,
  { match, sky, a, b }: Prepared,
  partition?: Partition,
): AsyncGenerator<Pairs> {
  const unmatched = match.keep === 'unmatched'
  const keyTypes = [...a.keyTypes, ...(unmatched ? [] : b.keyTypes)]
  const types = [...keyTypes, ...(unmatched ? [] : (['double precision', 'integer'] as const))]
  const sql = `COPY (${pairsSql(match, sky, a, b, partition)}) TO STDOUT (FORMAT binary)`
  for await (const { rows, columns } of readCopy(client.copyOut(sql), types)) {
    const keys = keyTypes.map((type, i) => fromCopy(type, columns[i]!.values))
    const each = Int32Array.from({ length: rows }, (_, i) => i)
    const nothing = new Int32Array(rows).fill(-1)
    yield {
      count: rows,
      aKeys: keys.slice(0, a.keyTypes.length),
      bKeys: keys.slice(a.keyTypes.length),
      aRow: each,
      bRow: unmatched ? nothing : each,
      separation: unmatched ? new Float64Array(rows) : (columns.at(-2)!.values as Float64Array),
      rank: unmatched ? new Int32Array(rows) : (columns.at(-1)!.values as Int32Array),
    }
  }
}

function fromCopy(type: KeyColumn['type'], values: unknown): KeyColumn {
  if (type === 'text') return { type, strings: values as string[] }
  if (type === 'integer') return { type, words: values as Int32Array }
  const words = new Int32Array((values as BigInt64Array).buffer)
  // Typed arrays have the machine's order, low word first.
  for (let i = 0; i < words.length; i += 2) [words[i], words[i + 1]] = [words[i + 1]!, words[i]!]
  return { type, words }
}

const connections = 4

/** The same over several connections of one snapshot, each of which takes the next band of declination of a. */
export async function* partitionPairs(server: Server, prepared: Prepared): AsyncGenerator<Pairs> {
  const { match } = prepared
  const readers: Awaited<ReturnType<typeof openReader>>[] = []
  try {
    while (readers.length < connections) readers.push(await openReader(server))
    const [first, ...others] = readers.map(({ client }) => client) as [Client, ...Client[]]
    await sameSnapshot(first, ...others)
    const margin = match.keep === 'symmetric' ? 2 * ((await reachOf(first, match)).reach + 1e-9) : 0
    const bands = await evenBands(first, match.a, match.epoch, 2 * connections)
    const partitions = bands.map((own) => ({ own, read: { low: own.low - margin, high: own.high + margin } }))
    const work = async function* (client: Client) {
      for (let next = partitions.pop(); next; next = partitions.pop())
        yield* serverPairs(client, prepared, next)
    }
    yield* merged([first, ...others].map(work))
  } finally {
    await Promise.all(readers.map((each) => each[Symbol.asyncDispose]()))
  }
}

/** What several generators give, as it comes. */
async function* merged<T>(sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ask = async (source: AsyncGenerator<T>) => ({ source, next: await source.next() })
  const waiting = new Map(sources.map((source) => [source, ask(source)]))
  try {
    while (waiting.size > 0) {
      const { source, next } = await Promise.race(waiting.values())
      if (next.done) waiting.delete(source)
      else {
        yield next.value
        waiting.set(source, ask(source))
      }
    }
  } finally {
    for (const asked of waiting.values()) asked.catch(() => {})
    await Promise.allSettled([...waiting.keys()].map((source) => source.return(undefined)))
  }
}

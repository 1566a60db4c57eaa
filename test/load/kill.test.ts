// Loads killed at any moment, on the client's and on the server's side: nothing half-loaded, nothing lost or doubled.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadFiles, readLedger } from '../../src/load/index.ts'
import { connect } from '../../src/postgres/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { archiveOf } from './archive.ts'
import { sample, temporaryFolder, writeObjects } from './sample.ts'

const rowsPerFile = 40_000
const fields = ['north', 'south']
const folder = temporaryFolder()
const paths: string[] = []
let database: ScratchDatabase | undefined

beforeAll(async () => {
  for (const [i, field] of fields.entries()) {
    const id = Array.from({ length: rowsPerFile }, (_, row) => i * rowsPerFile + row)
    paths.push(await writeObjects(folder.path(`sample-${field}.fits`), { id }))
  }
})
beforeEach(async () => {
  await database?.drop()
  database = await archiveOf(sample)
})
afterAll(async () => {
  await database?.drop()
  folder.remove()
})

/** Rows of each field; every file must be there as a whole or not at all. */
async function fieldsLoaded(): Promise<string[]> {
  const { rows } = await database!.client.query<{ field: string; n: number; ids: number }>(
    `SELECT field, count(*)::int AS n, count(DISTINCT id)::int AS ids FROM loader_sample.objects GROUP BY 1 ORDER BY 1`,
  )
  for (const { n, ids } of rows) expect([n, ids]).toEqual([rowsPerFile, rowsPerFile])
  return rows.map(({ field }) => field)
}

async function resume(): Promise<void> {
  const before = await fieldsLoaded()
  const { files } = await loadFiles(database!.url, [sample], paths)
  expect(files.map(({ outcome }) => outcome)).toEqual(
    fields.map((field) => (before.includes(field) ? 'already loaded' : 'loaded')),
  )
  expect(await fieldsLoaded()).toEqual(fields)
  expect((await readLedger(database!.client)).map(({ state }) => state)).toEqual(['loaded', 'loaded'])
}

/** Loads in a process of its own and kills it when it has told `steps` steps of progress, or after them. */
async function loadAndKill(steps: number, delay: number): Promise<void> {
  const script = fileURLToPath(new URL('loading-child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, database!.url, ...paths], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  let told = 0
  for await (const _ of createInterface(child.stdout)) {
    if (++told === steps) setTimeout(() => child.kill('SIGKILL'), delay)
  }
  await exit
  expect(child.signalCode).toBe('SIGKILL')
}

// Steps come once in 256 KiB of COPY data and once at the end of a file's rows, before its counts and its commit.
describe('a killed client', () => {
  test.each([
    [1, 0],
    [5, 3],
    [9, 20],
    [14, 10],
  ])('after %i steps and %i ms', async (steps, delay) => {
    await loadAndKill(steps, delay)
    await resume()
  })
})

describe('a killed server process', () => {
  test.each([1, 4, 9, 14])('after %i steps', async (steps) => {
    await using killer = await connect(database!.url)
    let told = 0
    let kill: Promise<unknown> = Promise.resolve()
    const loading = loadFiles(database!.url, [sample], paths, {
      onProgress: () => {
        if (++told !== steps) return
        kill = killer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND query LIKE 'COPY "loader_sample"%'`,
        )
      },
    })
    await expect(loading).rejects.toMatchObject({
      code: 'SERVER_LOST',
      kind: 'server',
      place: { file: expect.stringContaining('sample-') },
    })
    await kill
    const ledger = await readLedger(database!.client)
    expect(ledger.at(-1)).toMatchObject({ state: 'failed', error: { code: 'SERVER_LOST' } })
    await resume()
  })
})

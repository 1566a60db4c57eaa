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
import { sample, temporaryFolder } from './sample.ts'
import { type TwoFiles, twoFiles } from './two-files.ts'

const folder = temporaryFolder()
let files: TwoFiles
let database: ScratchDatabase | undefined

beforeAll(async () => {
  files = await twoFiles(folder, 40_000)
})
beforeEach(async () => {
  await database?.drop()
  database = await archiveOf(sample)
})
afterAll(async () => {
  await database?.drop()
  folder.remove()
})

/** Loads in a process of its own and kills it when it has told `steps` steps of progress, or after them. */
async function loadAndKill(steps: number, delay: number): Promise<void> {
  const script = fileURLToPath(new URL('loading-child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, database!.url, ...files.paths], {
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
    await files.resume(database!)
  })
})

describe('a killed server process', () => {
  test.each([1, 4, 9, 14])('after %i steps', async (steps) => {
    await using killer = await connect(database!.url)
    let told = 0
    let kill: Promise<unknown> = Promise.resolve()
    const loading = loadFiles(database!.url, [sample], files.paths, {
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
    await files.resume(database!)
  })
})

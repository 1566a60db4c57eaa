// A server that dies by SIGKILL under a load, one process of it or all: what was committed is there after its
// recovery, nothing else is, and the load goes on.
import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { forgetSurvey, loadFiles } from '../../src/load/index.ts'
import { findPostmaster } from '../../src/postgres/backends/embedded/postmaster.ts'
import { applySurvey, type Client, connect, startEmbedded } from '../../src/postgres/index.ts'
import { embeddedCluster, type OwnCluster } from '../access/cluster.ts'
import { plainSky } from './archive.ts'
import { sample, temporaryFolder } from './sample.ts'
import { type TwoFiles, twoFiles } from './two-files.ts'

/** Unlike the scratch servers of other tests, whose data need not survive; nothing but a commit brings them to the disk. */
const durable = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_writer_delay: '10s',
  wal_writer_flush_after: '1GB',
}

const folder = temporaryFolder()
let files: TwoFiles
let cluster: OwnCluster
let database: { readonly url: string; readonly client: Client }

beforeAll(async () => {
  files = await twoFiles(folder, 40_000)
  cluster = await embeddedCluster(durable)
  database = cluster
  await applySurvey(database.client, sample, plainSky)
})
afterEach(async () => {
  await database.client.query('TRUNCATE loader_sample.objects CASCADE')
  await forgetSurvey(database.client, sample)
})
afterAll(async () => {
  await database?.client.end()
  await cluster?.stop()
  folder.remove()
})

/** Processes of the server, the postmaster first. */
function processes(): number[] {
  const { pid } = findPostmaster(`${cluster.folder}/data`)!
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = listed.map((line) => line.trim().split(/ +/).map(Number))
  return [pid, ...pairs.filter(([, parent]) => parent === pid).map(([child = 0]) => child)]
}

/** Kills the server at once, all its processes. */
function killAll(): void {
  for (const pid of processes()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended with the postmaster.
    }
  }
}

/** Starts the server again where it isn't running, and waits until it takes connections. */
async function recover(): Promise<void> {
  await database.client.end().catch(() => {})
  const which = { home: inject('scratchFolder'), instance: basename(cluster.folder) }
  for (let patience = 100; ; patience--) {
    try {
      const { connectionUrl: url } = await startEmbedded({ ...which, settings: durable })
      database = { url, client: await connect(url) }
      return
    } catch (error) {
      if (patience === 0) throw error
      await sleep(100)
    }
  }
}

const loadKilledAfter = async (steps: number, kill: () => void) => {
  let told = 0
  const loading = loadFiles(database.url, [sample], files.paths, {
    onProgress: () => {
      if (++told === steps) kill()
    },
  })
  await expect(loading).rejects.toMatchObject({ code: expect.stringMatching(/^SERVER_/), kind: 'server' })
}

describe('SIGKILL', () => {
  test.each([1, 6, 9, 14])('of the whole server after %i steps', async (steps) => {
    await loadKilledAfter(steps, killAll)
    await recover()
    await files.resume(database)
  })

  test('of the process that takes the rows', async () => {
    const { rows } = await database.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const [postmaster = 0, ...others] = processes()
    await loadKilledAfter(4, () => {
      const taking = processes().find((pid) => ![postmaster, rows[0]!.pid, ...others].includes(pid))
      process.kill(taking!, 'SIGKILL')
    })
    await recover()
    await files.resume(database)
  })

  test('right after a load has ended: all of it is on the disk', async () => {
    await loadFiles(database.url, [sample], files.paths)
    killAll()
    await recover()
    expect(await files.loaded(database)).toEqual(['north', 'south'])
    await files.resume(database)
  })
})

// Clusters that live as long as a test run: where they lie, how they start, how they all end.
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverAccount } from '../../src/postgres/backends/embedded/account.ts'
import { startEmbedded } from '../../src/postgres/backends/embedded/backend.ts'
import {
  haltCluster,
  initCluster,
  launchCluster,
  owner,
} from '../../src/postgres/backends/embedded/cluster.ts'
import { instanceFolders, partsOf } from '../../src/postgres/backends/embedded/home.ts'
import { choosePort } from '../../src/postgres/backends/embedded/port.ts'
import { defaultSettings } from '../../src/postgres/backends/embedded/settings.ts'
import { isAlive } from '../../src/postgres/backends/embedded/sibling.ts'
import { q3cExtensionFiles } from '../../src/sky/index.ts'

const prefix = 'almagest-test-'

/** For servers whose data nobody needs after a crash, beside other work on a small machine. */
export const scratchSettings: Record<string, string> = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
}

/** A folder of this process that the server's account can enter. */
export function makeScratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'instances'))
  return folder
}

/** Starts the embedded server of a test run. @returns its URL */
export async function startScratchServer(folder: string): Promise<string> {
  const { connectionUrl } = await startEmbedded({
    home: folder,
    instance: 'scratch',
    settings: scratchSettings,
    extensionFiles: q3cExtensionFiles(),
  })
  return connectionUrl
}

/**
 * Starts a cluster of other binaries in the folder of a test run; the first caller starts it, others wait
 * until it is there.
 * @param settings  instead of {@link scratchSettings}
 */
export async function startForeignServer(
  folder: string,
  bin: string,
  settings = scratchSettings,
): Promise<string> {
  const { instance, data } = instanceFolders(folder, 'debian')
  const note = join(folder, 'debian-url')
  if (!isFirst(join(folder, 'debian-lock'))) return await awaitNote(note)
  try {
    const account = serverAccount()
    await initCluster(bin, account, instance, 'scratch', false)
    const port = await choosePort(undefined, 15433 + (process.pid % 20_000))
    await launchCluster({ ...partsOf(instance), bin, account }, { ...defaultSettings(port), ...settings })
    writeFileSync(note, `postgresql://${owner}:scratch@127.0.0.1:${port}/postgres`)
  } catch (error) {
    writeFileSync(note, `failed: ${(error as Error).message} (${data})`)
  }
  return await awaitNote(note)
}

/** Stops every cluster in a test run's folder, and deletes it. */
export async function endClusters(folder: string): Promise<void> {
  for (const data of dataFolders(folder)) await haltCluster(data)
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Sees to it that the clusters end also when this process is interrupted or killed: a shell waits for the
 * end of a pipe from it, lets the workers die, then shuts down what still runs.
 */
export function endClustersAfterMe(folder: string): void {
  const script = `cat >/dev/null; sleep 2
    for file in "$1"/instances/*/data/postmaster.pid; do [ -f "$file" ] && kill -QUIT $(head -n 1 "$file"); done
    sleep 1; rm -rf "$1"`
  const shell = spawn('sh', ['-c', script, 'sh', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.unref()
  ;(shell.stdin as Socket).unref()
}

function dataFolders(folder: string): string[] {
  const instances = join(folder, 'instances')
  const names = existsSync(instances) ? readdirSync(instances) : []
  return names.map((name) => join(instances, name, 'data'))
}

/** Ends what test runs left that were killed. */
export async function clearLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (!owner || isAlive(Number(owner))) continue
    // Another user's are theirs to delete.
    await endClusters(join(tmpdir(), name)).catch(() => {})
  }
}

function isFirst(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}

async function awaitNote(path: string): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    if (text.startsWith('failed')) throw new Error(text)
    if (text) return text
  }
  throw new Error(`no server noted in ${path} within 60 s`)
}

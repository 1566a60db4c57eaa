// One PostgreSQL cluster: made by initdb, launched and halted by pg_ctl, whoever's binaries they are.
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AlmagestError } from '../../../model/index.ts'
import { type Account, runAs } from './account.ts'
import { diskFull, type InstanceFolders, partsOf } from './home.ts'
import { portInUse } from './port.ts'
import { clearReusedProcessId, findPostmaster } from './postmaster.ts'
import { settingsFile } from './settings.ts'

/** Superuser and database of every cluster made here. */
export const owner = 'almagest'

/** A cluster's binaries and place, and the account it runs under. */
export interface Cluster extends Omit<InstanceFolders, 'home' | 'binaries'> {
  bin: string
  account: Account | undefined
}

/** Seconds for a start; crash recovery after a long load takes its time. */
const startTimeout = 600
/** Milliseconds for the processes of a killed server to notice, and to let go of its shared memory. */
const orphanTimeout = 15_000
/** Milliseconds for a stop, which flushes all buffers. */
const stopTimeout = 120_000

/**
 * Makes a cluster in a new folder, which must not exist: UTF-8, data checksums, passwords by
 * scram-sha-256, and a password file that only the caller can read.
 * @param durable  false leaves out the flush to disk at the end, for clusters that are thrown away
 */
export async function initCluster(
  bin: string,
  account: Account | undefined,
  folder: string,
  password: string,
  durable: boolean,
): Promise<void> {
  const { data, passwords } = partsOf(folder)
  mkdirSync(folder)
  chmodSync(folder, 0o755)
  mkdirSync(data)
  writeFileSync(passwords, `127.0.0.1:*:*:${owner}:${password}\n`, { mode: 0o600 })
  const secret = join(folder, 'initdb-password')
  writeFileSync(secret, password, { mode: 0o600 })
  if (account) for (const path of [data, secret]) chownSync(path, account.uid, account.gid)
  chmodSync(data, 0o700)
  try {
    const parameters = ['-D', data, '-U', owner, '--pwfile', secret, '--auth=scram-sha-256']
    parameters.push('--locale=C.UTF-8', '--encoding=UTF8', '--data-checksums')
    const { code, output } = await runAs(account, folder, join(bin, 'initdb'), [
      ...parameters,
      ...(durable ? [] : ['--no-sync']),
    ])
    if (code !== 0) throw initFailed(data, output)
  } finally {
    rmSync(secret, { force: true })
  }
  appendFileSync(join(data, 'postgresql.conf'), "\ninclude_if_exists = '../almagest.conf'\n")
}

/**
 * Starts the server on a port and waits until it takes connections, crash recovery included.
 * @throws AlmagestError `PORT_IN_USE`, `DISK_FULL`, `SERVER_NOT_STARTED` with the log's last lines
 */
export async function launchCluster(cluster: Cluster, settings: Record<string, string>): Promise<void> {
  writeFileSync(cluster.settings, settingsFile(settings), { mode: 0o644 })
  chmodSync(cluster.settings, 0o644)
  clearReusedProcessId(cluster.data)
  const patience = Date.now() + orphanTimeout
  for (;;) {
    const before = logSize(cluster.log)
    const { code, output } = await runAs(cluster.account, cluster.instance, join(cluster.bin, 'pg_ctl'), [
      ...['start', '-D', cluster.data, '-l', cluster.log],
      ...['-w', '-t', String(startTimeout)],
    ])
    if (code === 0 || findPostmaster(cluster.data)?.ready) return
    const log = logSince(cluster.log, before) || output
    const orphans = /pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(log)
    if (!orphans || Date.now() > patience) throw startFailed(cluster, Number(settings.port), log)
    await sleep(200)
  }
}

/** Waits while a server that another process has started is on its way up. */
export async function awaitReady(data: string): Promise<void> {
  for (const end = Date.now() + startTimeout * 1000; Date.now() < end; await sleep(50)) {
    if (findPostmaster(data)?.ready ?? true) return
  }
}

/**
 * Stops the server of a data folder, if one runs: sessions are cut, their transactions rolled back,
 * everything flushed.
 * @returns whether one ran
 * @throws AlmagestError `SERVER_NOT_STOPPED`
 */
export async function haltCluster(data: string): Promise<boolean> {
  const postmaster = findPostmaster(data)
  if (!postmaster) return false
  process.kill(postmaster.pid, 'SIGINT') // "fast shutdown" in the manual's terms
  for (const end = Date.now() + stopTimeout; Date.now() < end; await sleep(20)) {
    if (!findPostmaster(data)) return true
  }
  throw new AlmagestError(
    'SERVER_NOT_STOPPED',
    'server',
    `The server of ${data}, process ${postmaster.pid}, still runs after ${stopTimeout / 1000} s`,
    'It may be flushing to a slow disk: look again with almagest status.',
    { file: data },
  )
}

/** The account that owns a cluster's data; later starts must use it again. */
export function accountOf(data: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = statSync(data)
  return { uid, gid }
}

function initFailed(data: string, output: string): AlmagestError {
  const full = fullDiskLine(output)
  if (full) return diskFull(data, full)
  return new AlmagestError(
    'INITDB_FAILED',
    'environment',
    `initdb could not set up ${data}: ${lastLines(output, 6)}`,
    'Act on the message above, or use a server with DATABASE_URL.',
    { file: data },
  )
}

function startFailed(cluster: Cluster, port: number, log: string): AlmagestError {
  if (log.includes('Address already in use')) return portInUse(port)
  const full = fullDiskLine(log)
  if (full) return diskFull(cluster.data, full)
  return new AlmagestError(
    'SERVER_NOT_STARTED',
    'server',
    `The server of ${cluster.data} did not start. Its last words:\n${lastLines(log, 8)}`,
    `Act on the message above; the whole log is ${cluster.log}.`,
    { file: cluster.log },
  )
}

/** The line that says so, in the words of strerror(ENOSPC). */
function fullDiskLine(text: string): string | undefined {
  return text.split('\n').find((line) => line.includes('No space left on device'))
}

function logSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function logSince(path: string, size: number): string {
  return logSize(path) > size ? readFileSync(path).subarray(size).toString() : ''
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n')
}

// Whether a data folder's server runs, from its postmaster.pid and the process table.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from './sibling.ts'

export interface Postmaster {
  pid: number
  port: number
  /** False while it starts, recovers or shuts down. */
  ready: boolean
}

/**
 * The running server of a data folder. After SIGKILL or a reboot the file remains and its process id may
 * be another program's by now, so the process must also be PostgreSQL on this very folder.
 */
export function findPostmaster(dataFolder: string): Postmaster | undefined {
  const recorded = readPostmasterFile(dataFolder)
  return recorded && isServerOf(recorded) ? recorded : undefined
}

/**
 * Removes a postmaster.pid whose process id another program has by now: PostgreSQL asks only whether the
 * process is alive, and would refuse to start. One whose process is dead PostgreSQL clears up by itself.
 */
export function clearReusedProcessId(dataFolder: string): void {
  const recorded = readPostmasterFile(dataFolder)
  if (recorded && isAlive(recorded.pid) && !isServerOf(recorded)) rmSync(join(dataFolder, fileName))
}

const fileName = 'postmaster.pid'

/** Lines: process id, data folder, start time, port, socket folder, address, shared memory, state. */
function readPostmasterFile(dataFolder: string): (Postmaster & { dataFolder: string }) | undefined {
  const file = join(dataFolder, fileName)
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready', dataFolder: lines[1] ?? '' }
}

/** The folder is compared as the server knows it, since the caller may have come by another link. */
function isServerOf({ pid, dataFolder }: { pid: number; dataFolder: string }): boolean {
  return isAlive(pid) && commandLine(pid).includes(dataFolder)
}

function commandLine(pid: number): string {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    } catch {
      return ''
    }
  }
  return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout
}

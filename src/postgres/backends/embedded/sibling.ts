// Unfinished files and folders: made beside their place under a name that tells whose they are.
import { readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

let made = 0

/** A free path beside `target`, to be renamed to it when complete; removes those that dead processes left. */
export function newSibling(target: string): string {
  const folder = dirname(target)
  for (const name of readdirSync(folder)) {
    const owner = /^\.new-(\d+)-/.exec(name)?.[1]
    if (owner && !isAlive(Number(owner))) rmSync(join(folder, name), { recursive: true, force: true })
  }
  return join(folder, `.new-${process.pid}-${made++}-${basename(target)}`)
}

/** Whether a process exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

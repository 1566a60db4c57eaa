// One fetch at a time into a folder: a file with the number of the process, taken over when that process is gone.
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchError } from './errors.ts'

const lockName = '.almagest-fetch.lock'

/**
 * Takes the folder; the answer gives it back.
 * @throws AlmagestError `FETCH_BUSY`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, lockName)
  for (;;) {
    const handle = await open(path, 'wx').catch((fault: NodeJS.ErrnoException) => {
      if (fault.code !== 'EEXIST') throw fault
      return undefined
    })
    if (handle) {
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(path, { force: true })
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder > 0 && isAlive(holder)) {
      throw fetchError('FETCH_BUSY', `Process ${holder} fetches into ${folder}`, { file: path })
    }
    await rm(path, { force: true })
  }
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0)
    return true
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM'
  }
}

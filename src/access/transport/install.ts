// Puts certificates, connection rules and settings into a server whose files are on this machine; all of it, or nothing.
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AlmagestError } from '../../model/index.ts'
import {
  authorityFile,
  type Client,
  connect,
  type Difference,
  quoteIdentifier,
  quoteLiteral,
} from '../../postgres/index.ts'
import type { Lab } from '../lab.ts'
import { type ServerFiles, serverFilesHere } from '../server-files.ts'
import { certificateFiles, checkCertificates } from './certificates.ts'
import { transportDifferences, whereAndWho } from './compare.ts'
import { connectionRules, rulesFile, transportSettings } from './rules.ts'

/** Milliseconds for the server to take up new files and settings. */
const patience = 10_000

/**
 * Makes the server take connections as declared, and shows that it does by opening one. When anything fails, files
 * and settings are put back.
 * @param url  of the superuser that `client` is
 * @param folder  with the certificates, see `issueCertificates`
 * @returns what was changed
 * @throws AlmagestError those of `checkCertificates`, `ACCESS_NETWORK_UNDECLARED`, `ACCESS_FILES_ELSEWHERE`,
 *   `ACCESS_TRANSPORT_FAILED`
 */
export async function installTransport(
  client: Client,
  url: string,
  lab: Lab,
  folder: string,
): Promise<readonly Difference[]> {
  checkCertificates(folder)
  const rules = connectionRules(lab, networkOf(lab), ...(await whereAndWho(client)))
  const changes = await transportDifferences(client, lab)
  const { data, hba } = await writableFiles(client)
  const authority = join(folder, certificateFiles.authority)
  const own = (name: string) => readFileSync(join(folder, name))
  const texts: [string, Buffer | string, number][] = [
    [join(data, transportSettings.ssl_cert_file!), own(certificateFiles.server), 0o644],
    [join(data, transportSettings.ssl_key_file!), own(certificateFiles.serverKey), 0o600],
    [join(data, authorityFile), own(certificateFiles.authority), 0o644],
    [hba, rulesFile(rules), 0o600],
  ]
  const before = [...texts.map(([path]) => path), join(data, 'postgresql.auto.conf')].map((path) => ({
    path,
    content: existsSync(path) ? readFileSync(path) : undefined,
  }))
  try {
    for (const [path, text, mode] of texts) place(path, text, data, mode)
    for (const [name, value] of Object.entries(transportSettings))
      await client.query(`ALTER SYSTEM SET ${quoteIdentifier(name)} = ${quoteLiteral(value)}`)
    await takeUp(client, lab)
    await (await connect(verifiedUrl(url, authority))).end()
  } catch (error) {
    for (const { path, content } of before) {
      if (content) place(path, content, data)
      else rmSync(path, { force: true })
    }
    await client.query('SELECT pg_reload_conf()')
    throw failed(error)
  }
  return changes
}

/** The URL by which a client insists on TLS and on the authority's word for the server's name. */
export function verifiedUrl(url: string, authority: string): string {
  const verified = new URL(url)
  verified.searchParams.set('sslmode', 'verify-full')
  verified.searchParams.set('sslrootcert', authority)
  return verified.href
}

export function networkOf({ network }: Lab): readonly string[] {
  if (network) return network
  throw new AlmagestError(
    'ACCESS_NETWORK_UNDECLARED',
    'usage',
    'the laboratory declares no addresses from which people connect',
    'Add "network": ["10.1.0.0/16"] with your own to the file given with --lab.',
  )
}

/** Reloads until the server says that files and settings are as declared. */
async function takeUp(client: Client, lab: Lab): Promise<void> {
  await client.query('SELECT pg_reload_conf()')
  let left: readonly Difference[] = []
  for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
    left = await transportDifferences(client, lab)
    if (left.length === 0) return
  }
  const first = left[0]!
  throw new Error(
    `${first.object} stays ${first.found ?? 'absent'} where ${first.desired ?? 'nothing'} is declared`,
  )
}

/** @throws AlmagestError `ACCESS_FILES_ELSEWHERE` where the server's files can't be written from here */
async function writableFiles(client: Client): Promise<ServerFiles> {
  const files = await serverFilesHere(client)
  if (files && mayWrite(files.hba)) return files
  throw new AlmagestError(
    'ACCESS_FILES_ELSEWHERE',
    'environment',
    `the server's files are not on this machine, or not yours to write${files ? ` (${files.hba})` : ''}`,
    'Write them with --out FOLDER, and put them into place there as docs/guides/access.md says.',
  )
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Writes a file as the account that owns the server's data. */
function place(path: string, content: Buffer | string, data: string, mode?: number): void {
  writeFileSync(path, content, mode === undefined ? {} : { mode })
  if (mode !== undefined) chmodSync(path, mode)
  const { uid, gid } = statSync(data)
  if (process.getuid?.() === 0) chownSync(path, uid, gid)
}

function failed(cause: unknown): AlmagestError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new AlmagestError(
    'ACCESS_TRANSPORT_FAILED',
    'server',
    `the server does not take connections as declared: ${why}; files and settings are as they were`,
    'A certificate of your own has to name every host and address by which the server is reached, 127.0.0.1 too.',
    {},
    { cause },
  )
}

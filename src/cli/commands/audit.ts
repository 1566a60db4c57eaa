// `almagest audit`: who changed and who read what: recording, signing, verifying, showing.
import { createPublicKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import {
  type AuditApplied,
  type AuditEvent,
  applyAudit,
  auditEvents,
  type Ingested,
  ingestAudit,
  keepHead,
  readHeads,
  readPrivateKey,
  readPublicKey,
  signAudit,
  type Verdict,
  verifyAudit,
} from '../../audit/index.ts'
import { AlmagestError, exitCodes } from '../../model/index.ts'
import { type Client, connect } from '../../postgres/index.ts'
import { backendOf } from '../archive.ts'
import { type CommonOptions, databaseOptions, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { count, table } from '../report.ts'
import { labOf } from './access.ts'

interface LabOptions extends CommonOptions {
  lab?: string
  withoutReads?: boolean
}

interface HeadOptions extends CommonOptions {
  key: string
  heads: string
}

interface VerifyOptions extends CommonOptions {
  heads?: string
  publicKey?: string
}

interface ShowOptions extends CommonOptions {
  kind?: string
  user?: string
  object?: string
  since?: string
  limit: number
}

export function auditCommand(): Command {
  const audit = new Command('audit').description('who changed and who read what, in a tamper-evident ledger')
  const add = (words: string, description: string) =>
    databaseOptions(audit.command(words)).description(description)
  add('apply', 'make the ledger and all that records; a second time it mends what is not as it should be')
    .option('--lab <file>', 'JSON file with the prefix of the roles, as for access')
    .option(
      '--without-reads',
      'do without pgAudit: record definitions, roles and settings, and only count reads',
    )
    .action(apply)
  add('ingest', 'take over the server’s log, and what changed in roles and settings').action(ingest)
  add('head', 'verify the ledger, sign its last entry, and add the signature to a file kept elsewhere')
    .requiredOption('--key <file>', 'Ed25519 private key (PEM)')
    .requiredOption('--heads <file>', 'file of signed heads; made when it is not there')
    .action(head)
  add(
    'verify',
    'find any change, removal or reordering, and what does not record; exit code 8 when anything is found',
  )
    .option('--heads <file>', 'file of signed heads')
    .option('--public-key <file>', 'Ed25519 public key (PEM)')
    .action(verify)
  add('show', 'the latest entries')
    .option(
      '--kind <kind>',
      'read, write, ddl, role, setting, state, refused, forged, unreadable, setup, log or gap',
    )
    .option('--user <name>', 'of one user')
    .option('--object <text>', 'whose object has this in its name')
    .option('--since <time>', 'not older than this')
    .option('--limit <number>', 'at most so many', wholeNumber('--limit', 1), 50)
    .action(show)
  return audit
}

/** A plain connection: the auditor may not look at what an archive opens with. */
async function withClient<T>(options: CommonOptions, work: (client: Client) => Promise<T>): Promise<T> {
  const progress = progressOf(options)
  const server = await backendOf(options).start({ onProgress: (line) => progress.say(line) })
  await using client = await connect(server)
  return await work(client)
}

async function apply(options: LabOptions): Promise<void> {
  const lab = labOf(options.lab)
  const value = await withClient(options, (client) => applyAudit(client, lab, options.withoutReads))
  print({ value, text: appliedText(value) }, options)
  if (value.left.length > 0) process.exitCode = exitCodes.check
}

function appliedText({ level, mended, left, tables, notes }: AuditApplied): string {
  const reads =
    level === 'pgaudit'
      ? tables.length > 0
        ? `every use is recorded of ${tables.join(', ')}`
        : 'no table has restricted columns, so no reads are recorded (`almagest access apply` marks the tables)'
      : 'reads are not recorded, only counted'
  return [
    ...(mended.length > 0
      ? ['made or mended:', ...mended.map((each) => `  ${each}`)]
      : ['the audit was in place already']),
    ...(left.length > 0 ? ['not mended, put it right by hand:', ...left.map((each) => `  ${each}`)] : []),
    'definitions, roles and settings are recorded',
    reads,
    ...notes.map((each) => `note: ${each}`),
  ].join('\n')
}

async function ingest(options: CommonOptions): Promise<void> {
  const value = await withClient(options, ingestAudit)
  print({ value, text: ingestText(value) }, options)
}

function ingestText({ log, changes }: Ingested): string {
  const read = log
    ? `${count(log.entries)} entries from ${count(log.bytes)} bytes of ${log.files} log ${log.files === 1 ? 'file' : 'files'}`
    : 'the server keeps no log as JSON: none was read'
  return `${read}\n${count(changes)} changes of roles, settings and tables`
}

async function head(options: HeadOptions): Promise<void> {
  const key = readPrivateKey(options.key)
  const before = existsSync(options.heads) ? readHeads(options.heads) : []
  const signed = await withClient(options, (client) => signAudit(client, key, before, createPublicKey(key)))
  keepHead(options.heads, signed)
  print({ value: signed, text: `entry ${signed.seq} signed, added to ${options.heads}` }, options)
}

async function verify(options: VerifyOptions): Promise<void> {
  if ((options.heads === undefined) !== (options.publicKey === undefined)) {
    throw new AlmagestError(
      'OPTION_INVALID',
      'usage',
      '--heads and --public-key are used together',
      'Give both, or neither.',
    )
  }
  const heads = options.heads === undefined ? [] : readHeads(options.heads)
  const key = options.publicKey === undefined ? undefined : readPublicKey(options.publicKey)
  const value = await withClient(options, (client) => verifyAudit(client, heads, key))
  print({ value, text: verdictText(value) }, options)
  if (value.faults.length + value.guards.length > 0) process.exitCode = exitCodes.check
}

const shownFaults = 20

function verdictText({ entries, last, faults, guards, heads, signedTo }: Verdict): string {
  const shown = faults.slice(0, shownFaults).map(({ what }) => `  ${what}`)
  const rest = faults.length > shownFaults ? [`  and ${count(faults.length - shownFaults)} more`] : []
  return [
    ...(faults.length > 0
      ? [`the ledger is broken, first at entry ${faults[0]!.seq}:`, ...shown, ...rest]
      : []),
    ...(guards.length > 0 ? ['not recording as it should:', ...guards.map((each) => `  ${each}`)] : []),
    ...(faults.length === 0
      ? [`${count(entries)} entries, each follows the one before; the last is ${last.seq}`]
      : []),
    heads > 0
      ? `${count(heads)} signed heads vouch for the entries up to ${signedTo}`
      : 'no signed head was given: entries removed from the end, or a chain computed anew, would not be seen',
  ].join('\n')
}

async function show(options: ShowOptions): Promise<void> {
  const events = await withClient(options, (client) => auditEvents(client, options))
  const rows = events.map((event) => [
    event.seq,
    event.time,
    event.kind,
    event.user,
    event.command,
    event.object,
    detail(event),
  ])
  print(
    { value: events, text: table(['entry', 'time', 'kind', 'user', 'what', 'object', 'detail'], rows) },
    options,
  )
}

function detail({ statement, before, after }: AuditEvent): string {
  const text =
    statement ?? ((before ?? after) === null ? '' : `${before ?? '(nothing)'} -> ${after ?? '(nothing)'}`)
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

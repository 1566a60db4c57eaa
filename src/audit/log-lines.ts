// Lines of the server's JSON log to entries of the ledger: pgAudit's records, and refusals.
import { parse } from 'csv-parse/sync'
import type { NewEntry } from './ledger.ts'

/** The fields of a line of the log (PostgreSQL manual, 20.8.5) that are used. */
interface LogLine {
  readonly timestamp?: string
  readonly user?: string
  readonly dbname?: string
  readonly pid?: number
  readonly remote_host?: string
  readonly session_id?: string
  readonly line_num?: number
  readonly error_severity?: string
  readonly state_code?: string
  readonly message?: string
  readonly statement?: string
  readonly context?: string
  readonly application_name?: string
}

const kinds: Readonly<Record<string, string>> = {
  READ: 'read',
  WRITE: 'write',
  DDL: 'ddl',
  ROLE: 'role',
  MISC: 'setting',
  FUNCTION: 'function',
  MISC_SET: 'setting',
}

/** SQLSTATEs of a refusal: insufficient privilege, wrong password, no such login or rule. */
const refusals = new Set(['42501', '28P01', '28000'])

/** Of settings only those that change who somebody is, what is hidden from him, or what is recorded. */
const telling =
  /^\s*(re)?set\s+((local|session)\s+)?(role|session\s+authorization|pgaudit\.|row_security|session_replication_role|event_triggers|log_)|^\s*reset\s+all/i

/** What the server itself asks when it checks a foreign key: once for each row that refers. */
const keyCheck = /^SELECT 1 FROM ONLY .* FOR KEY SHARE OF x$/

/** Entries of one piece of a log. Checks of foreign keys are counted, by session and table. */
export class LogReading {
  readonly #lines: (NewEntry | { line: LogLine; record: string })[] = []
  readonly #checks = new Map<string, { content: Record<string, unknown>; times: number }>()

  /**
   * @param database  whose ledger it is; of other databases only what concerns the whole server is taken
   * @param zones  seconds east of Greenwich by the abbreviations of time zones
   */
  constructor(
    readonly database: string,
    readonly zones: ReadonlyMap<string, number>,
  ) {}

  take(text: string): void {
    if (text === '') return
    let line: LogLine
    try {
      line = JSON.parse(text)
    } catch {
      this.#lines.push({ kind: 'unreadable', content: { source: 'log', statement: text.slice(0, 1000) } })
      return
    }
    const { message = '' } = line
    // Anybody can RAISE a message that reads like a record; pgAudit's own have no context.
    if (message.startsWith('AUDIT: ') && line.context !== undefined)
      this.#lines.push({ kind: 'forged', content: { ...this.#common(line), statement: redacted(message) } })
    else if (message.startsWith('AUDIT: '))
      this.#lines.push({ line, record: message.slice('AUDIT: '.length) })
    else if (line.state_code !== undefined && refusals.has(line.state_code) && line.dbname === this.database)
      this.#lines.push({
        kind: 'refused',
        content: {
          ...this.#common(line),
          type: line.state_code,
          object: message,
          statement: redacted(line.statement),
        },
      })
  }

  #common({ timestamp, user, application_name, remote_host, dbname, session_id, line_num }: LogLine) {
    return {
      source: 'log',
      time: isoTime(timestamp, this.zones),
      user,
      application: application_name || undefined,
      address: remote_host,
      database: dbname,
      session: session_id,
      line: line_num,
    }
  }

  /** All entries in the order of the lines, the counted checks last. */
  finish(): readonly NewEntry[] {
    const records = this.#lines.flatMap((each) => ('record' in each ? [each.record] : []))
    const fields = fieldsOf(records)
    const entries: NewEntry[] = []
    let next = 0
    for (const each of this.#lines) {
      const entry = 'record' in each ? this.#audited(each, fields[next++]) : each
      if (entry) entries.push(entry)
    }
    for (const { content, times } of this.#checks.values())
      entries.push({ kind: 'read', content: { ...content, statement: undefined, times } })
    return entries
  }

  /** TYPE, statement, substatement, class, command, object's type, object, statement, parameters, as CSV. */
  #audited({ line, record }: { line: LogLine; record: string }, fields: readonly string[] | undefined) {
    if (!fields)
      return { kind: 'unreadable', content: { ...this.#common(line), statement: redacted(record) } }
    const [scope, , , className = '', command = '', type = '', object = '', statement = ''] = fields
    const kind = kinds[className] ?? className.toLowerCase()
    const ours = line.dbname === this.database
    if (!ours && kind !== 'role' && command !== 'ALTER SYSTEM') return undefined
    if (kind === 'setting' && !telling.test(statement)) return undefined
    const content = {
      ...this.#common(line),
      command,
      type: type.toLowerCase() || undefined,
      object: object || undefined,
      scope: scope?.toLowerCase(),
      statement: redacted(statement),
    }
    if (kind !== 'read' || !keyCheck.test(statement)) return { kind, content }
    const name = `${line.session_id}\0${object}`
    const before = this.#checks.get(name)
    if (before) before.times++
    else this.#checks.set(name, { content: { ...content, command: 'check of a foreign key' }, times: 1 })
    return undefined
  }
}

/** The fields of each record, or nothing for one that is no CSV; one faulty record spoils no other. */
function fieldsOf(records: readonly string[]): (readonly string[] | undefined)[] {
  const options = { relax_column_count: true }
  const found: (readonly string[] | undefined)[] = records.map(() => undefined)
  // Records of one line with an even number of quotes can't run into each other, and making a parser for each
  // costs more than its work.
  const plain = records.flatMap((each, i) =>
    each.includes('\n') || each === '' || each.split('"').length % 2 === 0 ? [] : [i],
  )
  const alone = new Set(records.keys())
  try {
    const rows = parse(plain.map((i) => records[i]).join('\n'), options) as string[][]
    if (rows.length === plain.length) {
      for (const [k, i] of plain.entries()) {
        found[i] = rows[k]
        alone.delete(i)
      }
    }
  } catch {
    // One of them is faulty: each for itself, then.
  }
  for (const i of alone) {
    try {
      const rows = parse(records[i]!, options) as string[][]
      if (rows.length === 1) found[i] = rows[0]
    } catch {
      // Told as unreadable.
    }
  }
  return found
}

/** ISO 8601 in UTC, or nothing when the zone is not known. */
function isoTime(text: string | undefined, zones: ReadonlyMap<string, number>): string | undefined {
  const [, day, time, zone = ''] = /^(\d{4}-\d\d-\d\d) ([\d:.]+) (\S+)$/.exec(text ?? '') ?? []
  const hours = /^([+-]\d\d)(?::?(\d\d))?$/.exec(zone)
  const offset = hours
    ? (Number(hours[1]) * 60 + Math.sign(Number(hours[1])) * Number(hours[2] ?? 0)) * 60
    : zones.get(zone)
  if (day === undefined || offset === undefined) return undefined
  return new Date(Date.parse(`${day}T${time}Z`) - offset * 1000).toISOString()
}

function redacted(statement: string | undefined): string | undefined {
  if (statement === undefined) return undefined
  return /password(?! <REDACTED>)|pgp_sym_|pgp_pub_|crypt *\(/i.test(statement)
    ? '(left out: it may hold a secret)'
    : statement.length > 8000
      ? `${statement.slice(0, 8000)} (cut: ${statement.length} characters in all)`
      : statement
}

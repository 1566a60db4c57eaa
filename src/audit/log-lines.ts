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
  readonly entries: NewEntry[] = []
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
      this.entries.push({ kind: 'unreadable', content: { source: 'log', statement: text.slice(0, 1000) } })
      return
    }
    const { message = '' } = line
    if (message.startsWith('AUDIT: ')) this.#audit(line, message.slice('AUDIT: '.length))
    else if (line.state_code !== undefined && refusals.has(line.state_code) && line.dbname === this.database)
      this.entries.push({
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

  /** The counted checks, after the last line. */
  finish(): readonly NewEntry[] {
    for (const { content, times } of this.#checks.values())
      this.entries.push({ kind: 'read', content: { ...content, statement: undefined, times } })
    this.#checks.clear()
    return this.entries
  }

  /** TYPE, statement, substatement, class, command, object's type, object, statement, parameters, as CSV. */
  #audit(line: LogLine, record: string): void {
    const [fields] = parse(record, { relax_column_count: true }) as string[][]
    const [scope, , , className = '', command = '', type = '', object = '', statement = ''] = fields ?? []
    const kind = kinds[className] ?? className.toLowerCase()
    const ours = line.dbname === this.database
    if (!ours && kind !== 'role' && command !== 'ALTER SYSTEM') return
    if (kind === 'setting' && !telling.test(statement)) return
    const content = {
      ...this.#common(line),
      command,
      type: type.toLowerCase() || undefined,
      object: object || undefined,
      scope: scope?.toLowerCase(),
      statement: redacted(statement),
    }
    if (kind === 'read' && keyCheck.test(statement)) {
      const name = `${line.session_id}\0${object}`
      const before = this.#checks.get(name)
      if (before) before.times++
      else this.#checks.set(name, { content: { ...content, command: 'check of a foreign key' }, times: 1 })
    } else this.entries.push({ kind, content })
  }
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

// Settings as the server has and takes them: what is set where, and setting or taking away one.
import { AlmagestError } from '../../model/index.ts'
import type { Client, Row } from '../connection.ts'
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts'
import { translateServerError } from '../server-errors.ts'
import { keyOf, type Setting } from './declared.ts'

/** Parameters whose value is a list of names, each quoted by itself. */
const lists = /^(search_path|temp_tablespaces|(shared|session|local)_preload_libraries)$/

/** What the server has of these settings: as ALTER SYSTEM, ALTER DATABASE and ALTER ROLE … IN DATABASE left it. */
export async function foundSettings(
  client: Client,
  asked: readonly Pick<Setting, 'at' | 'name'>[],
): Promise<Setting[]> {
  const { rows } = await client.query<{ at: string; name: string; value: string } & Row>(
    `SELECT 'server' AS at, name, setting AS value FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'
     UNION ALL
     SELECT CASE WHEN setrole = 0 THEN 'database' ELSE 'role ' || rolname END, split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1)
     FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole, unnest(setconfig) AS entry
     WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  const there = new Map(rows.map(({ at, name, value }) => [`${at} ${name}`, value]))
  return asked.map(({ at, name }) => ({ at, name, value: there.get(keyOf({ at, name })) ?? null }))
}

/**
 * The settings with their values in the server's own words, e.g. `65536kB` as `64MB`; those that no session can try
 * stay as they are, for the server to judge when it takes them.
 * @throws AlmagestError `SETTINGS_INVALID` with the server's own reason
 */
export async function canonical(client: Client, settings: readonly Setting[]): Promise<Setting[]> {
  const { rows } = await client.query<{ name: string; context: string } & Row>(
    'SELECT lower(name) AS name, context FROM pg_settings WHERE lower(name) = ANY ($1)',
    [settings.map(({ name }) => name)],
  )
  const contexts = new Map(rows.map(({ name, context }) => [name, context]))
  const tried: Setting[] = []
  for (const setting of settings) {
    const context = contexts.get(setting.name)
    const isOwn = setting.name.includes('.')
    if (context === undefined && !isOwn) throw invalid(setting, 'the server knows no such parameter')
    const canTry =
      setting.value !== null && (context === undefined || ['user', 'superuser'].includes(context))
    if (setting.at !== 'server' && !canTry && setting.value !== null)
      throw invalid(setting, `it can be set for the whole server only (its context is ${context})`)
    tried.push(canTry ? { ...setting, value: await inOwnWords(client, setting) } : setting)
  }
  return tried
}

async function inOwnWords(client: Client, setting: Setting): Promise<string> {
  await client.query('BEGIN')
  try {
    await client.query('SELECT set_config($1, $2, true)', [setting.name, setting.value])
    const { rows } = await client.query<{ value: string }>('SELECT current_setting($1) AS value', [
      setting.name,
    ])
    return rows[0]!.value
  } catch (error) {
    throw refused(setting, error)
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Sets one or, with null, takes it away. Settings of the server take no transaction. */
export async function put(client: Client, setting: Setting): Promise<void> {
  const { at, name, value } = setting
  const parameter = quoteIdentifier(...(name.split('.') as [string, ...string[]]))
  try {
    if (at === 'server') {
      await client.query(
        value === null
          ? `ALTER SYSTEM RESET ${parameter}`
          : `ALTER SYSTEM SET ${parameter} = ${literal(name, value)}`,
      )
      return
    }
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name')
    const database = `DATABASE ${quoteIdentifier(rows[0]!.name)}`
    const target =
      at === 'database' ? database : `ROLE ${quoteIdentifier(at.slice('role '.length))} IN ${database}`
    await client.query(
      value === null
        ? `ALTER ${target} RESET ${parameter}`
        : `ALTER ${target} SET ${parameter} = ${literal(name, value)}`,
    )
  } catch (error) {
    throw refused(setting, error)
  }
}

function literal(name: string, value: string): string {
  if (!lists.test(name)) return quoteLiteral(value)
  const parts = value.match(/"(?:[^"]|"")*"|[^,\s][^,]*/g) ?? ['']
  return parts
    .map((part) =>
      quoteLiteral(
        part
          .trim()
          .replace(/^"(.*)"$/s, '$1')
          .replaceAll('""', '"'),
      ),
    )
    .join(', ')
}

/** Settings that hold only after the server was started anew. */
export async function awaitingRestart(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM pg_settings WHERE pending_restart ORDER BY 1',
  )
  return rows.map(({ name }) => name)
}

/** What the server said, as the fault of the setting; a missing right is none. */
function refused(setting: Setting, error: unknown): AlmagestError {
  const fault = translateServerError(error)
  return fault.code === 'PERMISSION_DENIED' ? fault : invalid(setting, fault.message, error)
}

function invalid({ at, name, value }: Setting, why: string, cause?: unknown): AlmagestError {
  return new AlmagestError(
    'SETTINGS_INVALID',
    'usage',
    `${name} = ${value === null ? '(none)' : JSON.stringify(value)} (${at}): ${why}`,
    'Correct it; what had been set before it was taken back.',
    { path: `${at}.${name}`, ...(value === null ? {} : { value }) },
    { cause },
  )
}

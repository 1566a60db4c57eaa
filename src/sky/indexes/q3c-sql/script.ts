// The plain-SQL functions as text: a script for any server, or the files of an extension for our own.
import { readdirSync, readFileSync } from 'node:fs'
import { quoteIdentifier } from '../../../postgres/index.ts'
import { plainSqlComment } from '../../q3c-calls.ts'

/** What `q3c_version()` returns. */
export const q3cSqlVersion = '2.0.0 (plain SQL, Almagest)'

/** The numbers 0 to 1023, each with a zero before each of its bits, moved up by so many bits, as an array of PostgreSQL. */
function spreadTable(shift: string): string {
  const numbers = Array.from(
    { length: 1024 },
    (_, n) => BigInt(Number.parseInt(n.toString(2), 4)) << BigInt(shift),
  )
  return `'[0:1023]={${numbers.join(',')}}'::bigint[]`
}

function source(): string {
  const folder = new URL('./sql/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  return files
    .sort()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .join('\n')
    .replaceAll(/@spread << (\d+)@(?=\))/g, (_, shift: string) => spreadTable(shift))
}

/** All functions as statements without parameters; run again they replace themselves. */
export function q3cSqlScript(schema = 'public'): string {
  return source().replaceAll('@extschema@', quoteIdentifier(schema))
}

/**
 * Files for the server's `share/extension`, name to text. With them `CREATE EXTENSION q3c` installs the plain
 * SQL under the C extension's name and version, so that a dump can be restored on a server that has that one.
 */
export function q3cExtensionFiles(): Record<string, string> {
  return {
    'q3c.control': [
      `comment = '${plainSqlComment}'`,
      "default_version = '2.0.0'",
      'relocatable = false',
      'superuser = false',
      '',
    ].join('\n'),
    'q3c--2.0.0.sql': `\\echo Use "CREATE EXTENSION q3c" to load this file. \\quit\n${source()}`,
  }
}

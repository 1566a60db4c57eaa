// Names and literals as SQL text: always quoted, so no name is folded, truncated or taken for a keyword.
import { createHash } from 'node:crypto'
import pg from 'pg'
import { AlmagestError } from '../model/index.ts'

/** NAMEDATALEN - 1: PostgreSQL cuts longer names silently, after which two names can be one. */
const longestName = 63

/**
 * SQL for a name: `quoteIdentifier('desi_analysis', 'zone')` gives `"desi_analysis"."zone"`.
 * @param parts  the name's parts, outermost first; a dot inside a part is part of the name
 * @throws AlmagestError `NAME_INVALID` for a part that is empty, holds a NUL or exceeds 63 bytes
 */
export function quoteIdentifier(...parts: [string, ...string[]]): string {
  return parts.map(quotePart).join('.')
}

/**
 * SQL for a name written `schema.table`: `quoteQualified('desi_analysis.zone')` gives
 * `"desi_analysis"."zone"`; a name without a dot gives one part.
 * @throws AlmagestError `NAME_INVALID` as {@link quoteIdentifier} does
 */
export function quoteQualified(name: string): string {
  return name.split('.').map(quotePart).join('.')
}

/**
 * SQL for a text constant, right under either setting of `standard_conforming_strings`. For statements
 * that take no parameters (DDL, COMMENT); everything else passes parameters.
 * @throws AlmagestError `NAME_INVALID` for a text with a NUL, which PostgreSQL cannot store
 */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw invalidName(text, 'it holds a NUL character')
  return pg.escapeLiteral(text)
}

/** The name itself, or its start and a hash of it when PostgreSQL would cut it. */
export function shortName(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name
  return `${name.slice(0, 50)}_${createHash('sha256').update(name).digest('hex').slice(0, 12)}`
}

function quotePart(part: string): string {
  const bytes = Buffer.byteLength(part)
  if (bytes === 0) throw invalidName(part, 'it is empty')
  if (part.includes('\0')) throw invalidName(part, 'it holds a NUL character')
  if (bytes > longestName) throw invalidName(part, `it has ${bytes} bytes, PostgreSQL keeps ${longestName}`)
  return pg.escapeIdentifier(part)
}

function invalidName(value: string, why: string): AlmagestError {
  return new AlmagestError(
    'NAME_INVALID',
    'catalog',
    `${JSON.stringify(value)} cannot be written in SQL: ${why}`,
    'Choose another name or text in the catalogue definition.',
    { value },
  )
}

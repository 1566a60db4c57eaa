// SQL text as statements with their place, by the grammar of PostgreSQL 16.
import { hasSqlDetails, type Node, type ParseResult, parse } from 'libpg-query'

export interface Statement {
  readonly node: Node
  /** The statement with the comments before it. */
  readonly text: string
  /** Line of its first word, from 1. */
  readonly line: number
}

export class SyntaxFault extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}

/** White space and comments before a statement's first word. */
const before = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/

/** @throws SyntaxFault where the text is no SQL of PostgreSQL 16 */
export async function readStatements(sql: string): Promise<Statement[]> {
  const bytes = Buffer.from(sql)
  // The parser takes a text without any statement for a fault.
  if (before.exec(sql)![0] === sql) return []
  const { stmts = [] }: ParseResult = await parse(sql).catch((error: Error) => {
    const at = hasSqlDetails(error) ? error.sqlDetails.cursorPosition : 0
    throw new SyntaxFault(error.message, lineAt(sql, Math.max(0, at)))
  })
  return stmts.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
    if (!stmt) return []
    const text = bytes.subarray(start, length ? start + length : undefined).toString()
    const first = bytes.subarray(0, start).toString().length + before.exec(text)![0].length
    return [{ node: stmt, text, line: lineAt(sql, first) }]
  })
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}

/** The rules that a comment before the statement allows: `-- lint: allow RULE because REASON`. */
export function allowedRules({ text }: Statement): string[] {
  const comments = before.exec(text)![0]
  return [...comments.matchAll(/--\s*lint:\s*allow\s+([a-z-]+)\s+because\s+\S/g)].map(([, rule]) => rule!)
}

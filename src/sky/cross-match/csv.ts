// A cross-match as a CSV file (RFC 4180), with the columns of the stored table.
import type { CrossMatch } from '../../model/index.ts'
import type { SkyIndex } from '../sky-index.ts'
import type { Server } from './connections.ts'
import { type KeyColumn, keyValue } from './keys.ts'
import type { Pairs } from './pairs.ts'
import type { MatchCounts, RunOptions } from './prepare.ts'
import { matchPairs, resultColumns } from './run.ts'

/** The lines of the file, header first, in pieces of many lines; `counts` is filled in on the way. */
export async function* matchCsv(
  server: Server,
  sky: SkyIndex,
  match: CrossMatch,
  options: RunOptions = {},
  counts: MatchCounts & { pairs: number } = { pairs: 0, aRows: 0, bRows: 0, aSkipped: 0, bSkipped: 0 },
): AsyncGenerator<string> {
  yield `${resultColumns(match).map(quoted).join(',')}\r\n`
  for await (const pairs of matchPairs(server, sky, match, options, counts)) {
    counts.pairs += pairs.count
    yield lines(pairs)
  }
}

function lines({ count, aKeys, bKeys, aRow, bRow, separation, rank, group }: Pairs): string {
  let text = ''
  for (let i = 0; i < count; i++) {
    const fields = aKeys.map((column) => field(column, aRow[i]!))
    if (group) fields.push(String(group.id[i]), String(group.size[i]))
    else if (bRow[i] !== -1) {
      for (const column of bKeys) fields.push(field(column, bRow[i]!))
      fields.push(String(separation[i]), String(rank[i]))
    }
    text += `${fields.join(',')}\r\n`
  }
  return text
}

function field(column: KeyColumn, row: number): string {
  const value = keyValue(column, row)
  return typeof value === 'string' ? quoted(value) : String(value)
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

// Told after a replacement: rows of other files that were left out for rows which are gone now.
import { type FreedDuplicates, freedDuplicates } from '../load/index.ts'
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { count } from './report.ts'

/** Asks only where one of the survey's files was replaced. */
export async function freedAfter(
  client: Client,
  survey: Survey,
  files: readonly { readonly outcome: string }[],
): Promise<FreedDuplicates[]> {
  return files.some(({ outcome }) => outcome === 'replaced') ? freedDuplicates(client, survey) : []
}

export const freedText = ({ file, table, rows }: FreedDuplicates): string =>
  `${count(rows)} rows of ${file} were left out of ${table} for rows that are gone now: load it again with --replace`

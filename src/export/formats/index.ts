// The formats at hand, and how an output's name tells which one is meant.
import { exportError } from '../errors.ts'
import type { ExportFormat } from '../format.ts'
import { csv } from './csv.ts'
import { ecsv } from './ecsv.ts'
import { fits } from './fits.ts'
import { parquet } from './parquet.ts'
import { votable } from './votable.ts'

export const exportFormats = { fits, votable, parquet, ecsv, csv } as const satisfies Record<
  string,
  ExportFormat
>

export type ExportFormatName = keyof typeof exportFormats

/**
 * The format that the ending of a file's name stands for.
 * @throws AlmagestError `EXPORT_FORMAT_UNKNOWN`
 */
export function formatOf(path: string): ExportFormatName {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  const found = Object.entries(exportFormats).find(([, { extensions }]) => extensions.includes(ending))
  if (found) return found[0] as ExportFormatName
  const known = Object.values(exportFormats).flatMap(({ extensions }) => extensions.map((each) => `.${each}`))
  throw exportError('EXPORT_FORMAT_UNKNOWN', `${path} ends in none of ${known.join(', ')}`, { file: path })
}

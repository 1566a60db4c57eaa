// Opens a table file in the format that its name tells.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { AlmagestError } from '../model/index.ts'
import { openCsv } from './formats/csv.ts'
import { openFitsTable } from './formats/fits.ts'
import { openVotable } from './formats/votable.ts'
import type { TableFile } from './table-file.ts'

const formats: readonly [RegExp, (path: string) => Promise<TableFile>][] = [
  [/\.csv$/i, openCsv],
  [/\.fi?ts?(\.gz)?$/i, openFitsTable],
  [/\.(vot|votable|xml)$/i, openVotable],
]

/**
 * Opens a CSV file with a header line (RFC 4180), the first table of a FITS file, or the first of a VOTable.
 * @throws AlmagestError `TABLE_FILE_MISSING`, `TABLE_FILE_FORMAT`, `TABLE_FILE_BROKEN`; FitsError for FITS
 */
export async function openTableFile(path: string): Promise<TableFile> {
  if (!existsSync(path)) {
    throw new AlmagestError(
      'TABLE_FILE_MISSING',
      'usage',
      `there is no file ${path}`,
      'check the spelling and the folder that it is relative to',
      { file: path },
    )
  }
  const open = formats.find(([pattern]) => pattern.test(basename(path)))?.[1]
  if (open) return await open(path)
  throw new AlmagestError(
    'TABLE_FILE_FORMAT',
    'usage',
    `the name of ${basename(path)} tells no format that is read here`,
    'end it with .csv, .fits, .fits.gz, .vot, .votable or .xml',
    { file: path },
  )
}

// One side of a cross-match on the command line: a catalogue, a table of the database, or a file.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { AlmagestError, type MatchTable, matchSide } from '../model/index.ts'
import { stageRows } from '../sky/index.ts'
import { columnOf, openTableFile, type TableFile } from '../table-files/index.ts'
import type { Archive } from './archive.ts'
import { catalogNamed, findSurveys } from './surveys.ts'

/** What the match takes part with, to be dropped when it is done. */
export interface MatchSide extends AsyncDisposable {
  readonly table: MatchTable
  /** What the table calls a column besides those that it names. */
  column(name: string): string
}

/** Columns of errors, of the proper motion and of the radius of one side. */
export type SideColumns = Pick<MatchTable, 'errors' | 'motion'> & { readonly radius?: string }

const fileEnding = /\.(csv|fi?ts?(\.gz)?|vot|votable|xml)$/i

/**
 * Reads `NAME[:RA,DEC[,KEY...]]`. A name that ends like a table file, or is one, is a file; with columns it is a
 * table `schema.table`; alone it is a catalogue. A file's columns are found by UCD, or by the names ra and dec;
 * without a key its rows are known by their number.
 */
export async function openSide(
  text: string,
  archive: Archive,
  folders: readonly string[] = [],
  more: SideColumns = {},
): Promise<MatchSide> {
  const { name, columns } = parts(text)
  if (fileEnding.test(name)) return await stageFile(name, columns, archive, more)
  const { radius: _, ...columnsOfTable } = more
  if (columns.length === 0)
    return standing(matchSide(catalogNamed(await findSurveys(folders), name), columnsOfTable))
  const [ra = '', dec = '', ...key] = columns
  if (columns.length < 3)
    throw sideFault(text, `a table needs its key: ${name}:${ra || 'ra'},${dec || 'dec'},KEY`)
  return standing({ table: name, ra, dec, key, ...columnsOfTable })
}

/** A table that stays when the match is done. */
const standing = (table: MatchTable): MatchSide => ({
  table,
  column: (name) => name,
  [Symbol.asyncDispose]: async () => {},
})

function parts(text: string): { name: string; columns: string[] } {
  const colon = text.lastIndexOf(':')
  if (colon < 1 || existsSync(text)) return { name: text, columns: [] }
  const columns = text
    .slice(colon + 1)
    .split(',')
    .map((each) => each.trim())
  if (columns.length >= 2 && columns.every(Boolean)) return { name: text.slice(0, colon), columns }
  throw sideFault(text, 'columns are named as NAME:RA,DEC or NAME:RA,DEC,KEY')
}

const sideFault = (text: string, hint: string): AlmagestError =>
  new AlmagestError('MATCH_SIDE', 'usage', `"${text}" names no positions to match`, hint, { value: text })

async function stageFile(
  path: string,
  columns: readonly string[],
  { server }: Archive,
  more: SideColumns,
): Promise<MatchSide> {
  await using file = await openTableFile(path)
  if (file.frame !== undefined && file.frame !== 'ICRS') throw frameFault(file)
  const [ra, dec, ...key] =
    columns.length > 0
      ? columns.map((name) => columnOf(file, name))
      : [positionColumn(file, 'pos.eq.ra', 'ra'), positionColumn(file, 'pos.eq.dec', 'dec')]
  for (const place of [ra!, dec!]) checkUnit(file, place)
  const [raName, decName] = [file.columns[ra!]!.name, file.columns[dec!]!.name]
  const numbers = numbersOf(more).filter((name) => name !== raName && name !== decName)
  const staged = await stageRows(
    server,
    {
      file: basename(path),
      ra: raName,
      dec: decName,
      numbers,
      key: key.map((place) => file.columns[place]!),
    },
    file.rows([ra!, dec!, ...numbers.map((name) => columnOf(file, name)), ...key]),
  )
  return { ...staged, column: stagedName, table: { ...staged.table, ...stagedColumns(more) } }
}

/** Names of the columns, each once. */
function numbersOf({ errors, motion, radius }: SideColumns): string[] {
  const epoch = typeof motion?.epoch === 'string' ? motion.epoch : undefined
  const named = [errors?.major, errors?.minor, errors?.angle, motion?.pmra, motion?.pmdec, epoch, radius]
  return [...new Set(named.filter((name) => name !== undefined))]
}

const stagedName = (name: string) => ` ${name}`

/** The same columns as the staged table calls them. */
function stagedColumns({ errors, motion }: SideColumns): Pick<MatchTable, 'errors' | 'motion'> {
  return {
    ...(errors && {
      errors: {
        degrees: errors.degrees,
        major: stagedName(errors.major),
        ...(errors.minor && { minor: stagedName(errors.minor) }),
        ...(errors.angle && { angle: stagedName(errors.angle) }),
      },
    }),
    ...(motion && {
      motion: {
        pmra: stagedName(motion.pmra),
        pmdec: stagedName(motion.pmdec),
        epoch: typeof motion.epoch === 'string' ? stagedName(motion.epoch) : motion.epoch,
      },
    }),
  }
}

/** The main column with that UCD, else the one of that name. */
function positionColumn(file: TableFile, ucd: string, name: string): number {
  const main = file.columns.findIndex((each) => each.ucd?.toLowerCase() === `${ucd};meta.main`)
  return main >= 0 ? main : columnOf(file, name)
}

function checkUnit({ name: file, columns }: TableFile, place: number): void {
  const { name, unit } = columns[place]!
  if (unit === undefined || /^(deg|degrees?|)$/i.test(unit.trim())) return
  throw new AlmagestError(
    'TABLE_FILE_UNIT',
    'data',
    `column ${name} of ${file} is in ${unit}; positions are matched in degrees`,
    'convert the column to degrees, or correct its unit',
    { file, column: name, value: unit },
  )
}

const frameFault = ({ name, frame }: TableFile): AlmagestError =>
  new AlmagestError(
    'TABLE_FILE_FRAME',
    'data',
    `${name} states its positions in ${frame}; they are matched in ICRS`,
    'convert the positions to ICRS first',
    { file: name, ...(frame === undefined ? {} : { value: frame }) },
  )

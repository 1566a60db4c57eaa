// Exports read by astropy: every value to the bit, every unit, description, UCD and missing value.
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ExportFormatName, exportCatalog } from '../../src/export/index.ts'
import type { SqlType } from '../../src/model/index.ts'
import { archiveOf } from '../load/archive.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { type EveryRow, every, everyRows, exportFolder, fill, survey } from './every-type.ts'
import { astropyReads, type CellText, type ReadColumn, spelt } from './oracle.ts'

const samples = 6
/** The first columns of the table hold single values, the others arrays. */
const scalars = 11
const withoutArrays = (read: readonly ReadColumn[]) => read.slice(0, scalars).map(({ cells }) => cells)

needs('astropy')('astropy reads what was exported', () => {
  const folder = exportFolder()
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await archiveOf(survey)
  })
  afterAll(async () => {
    await database.drop()
    folder.remove()
  })

  async function exported(
    format: 'fits' | 'votable' | 'ecsv',
    rows: readonly EveryRow[],
  ): Promise<ReadColumn[]> {
    await fill(database, rows)
    const out = folder.path(`every.${format}`)
    const report = await exportCatalog(database.client, every, { out, overwrite: true })
    expect(report).toMatchObject({ format, rows: rows.length, file: out })
    return astropyReads(format, out)
  }

  /** The cells that each column should have, as `adjust` says the format changes them. */
  function expected(
    rows: readonly EveryRow[],
    adjust: (type: SqlType, cell: CellText) => CellText,
  ): CellText[][] {
    return Object.entries(every.columns).map(([name, { type }]) =>
      rows.map((row, index) => {
        const whole: Record<string, unknown> = { id: index + 1, dec: 0, ...row }
        return adjust(type, spelt(type, whole[name]))
      }),
    )
  }

  // astropy shows a missing text of a VOTable as an empty one, and masks NaN as it masks a missing number.
  const asVotable = (type: SqlType, cell: CellText): CellText => {
    if (Array.isArray(cell)) return cell.map((each) => asVotable(type, each))
    if (cell === 'nan' && type !== 'text') return null
    return cell === null && (type === 'text' || type === 'timestamp') ? '' : cell
  }
  // A missing array is shown as one of no elements, a missing number in an array of floats as NaN.
  const asEcsv = (type: SqlType, cell: CellText): CellText => {
    // astropy strips blanks even within quotes, and an empty text is missing to it.
    if (!Array.isArray(cell)) return cell?.trim() || null
    return cell.map((each) => each ?? (type === 'bigint[]' ? null : 'nan'))
  }
  const asNoArray = (type: SqlType, cell: CellText) => (cell === null && type.endsWith('[]') ? [] : cell)

  test('VOTable: NULL, NaN, -0, infinities, int64 extremes and all of Unicode', async () => {
    await fc.assert(
      fc.asyncProperty(everyRows('unicode', true), async (rows) => {
        const read = await exported('votable', rows)
        expect(read.map(({ cells }) => cells)).toEqual(
          expected(rows, (type, cell) => asNoArray(type, asVotable(type, cell))),
        )
      }),
      { numRuns: samples, endOnFailure: true },
    )
  })

  test('ECSV: NULL, NaN, -0, infinities, int64 extremes, arrays of any length and all of Unicode', async () => {
    await fc.assert(
      fc.asyncProperty(everyRows('unicode', false), async (rows) => {
        const read = await exported('ecsv', rows)
        expect(read.map(({ cells }) => cells)).toEqual(
          expected(rows, (type, cell) => asNoArray(type, asEcsv(type, cell))),
        )
      }),
      { numRuns: samples, endOnFailure: true },
    )
  })

  test('FITS: -0, infinities, int64 extremes, TNULL; no value where a float is NaN or a text is empty', async () => {
    // astropy masks NaN and texts of no length, and knows no missing logical.
    const asFits = (type: SqlType, cell: CellText): CellText => {
      if (cell === null && type === 'boolean') return 'False'
      return (cell === 'nan' && type !== 'text') || cell === '' ? null : cell
    }
    await fc.assert(
      fc.asyncProperty(everyRows('ascii', true), async (rows) => {
        const read = await exported('fits', rows)
        expect(withoutArrays(read)).toEqual(expected(rows, asFits).slice(0, scalars))
      }),
      { numRuns: samples, endOnFailure: true },
    )
  })

  const formats: [ExportFormatName & ('fits' | 'votable' | 'ecsv')][] = [['fits'], ['votable'], ['ecsv']]
  test.each(formats)('%s keeps names, units, descriptions, UCDs and types', async (format) => {
    const [row] = fc.sample(everyRows('ascii', true), 1)[0]!
    const read = await exported(format, [row!])
    expect(read.map(({ name, unit, description, ucd }) => ({ name, unit, description, ucd }))).toEqual(
      Object.entries(every.columns).map(([name, { unit, description, ucd }]) => ({
        name,
        unit:
          unit === undefined
            ? null
            : expect.stringMatching(new RegExp(`^${unit.replace('/', ' ?/ ?').replaceAll("'", "'?")}$`)),
        description,
        ucd: ucd ?? null,
      })),
    )
    const kinds = read.map(({ dtype }) => dtype.replace(/[<>=|]/, ''))
    expect(kinds.slice(0, 9)).toEqual([
      'i8',
      'f8',
      'f8',
      'i8',
      'i4',
      'i2',
      'f4',
      'f8',
      expect.stringMatching(/b1|O/),
    ])
  })
})

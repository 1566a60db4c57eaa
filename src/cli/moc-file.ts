// Coverage maps from files: FITS (UNIQ or ranges, IVOA MOC 2.0) or ASCII.
import { existsSync, readFileSync } from 'node:fs'
import { decodeColumn, fileSource, hduLabel, openFits, rowBlocks, tableLayout } from '../fits/index.ts'
import { AlmagestError } from '../model/index.ts'
import { type Area, moc, type PixelRange, parseMoc, uniqRange } from '../sky/index.ts'

/**
 * A coverage map from a FITS file, a text file, or the text itself.
 * @throws AlmagestError `MOC_FILE` for a FITS file that holds no spatial map in ICRS, `MOC_SYNTAX`, `MOC_RANGE`;
 *   FitsError
 */
export async function readMoc(given: string): Promise<Area> {
  if (!existsSync(given)) {
    // what looks like a path is one that is misspelt
    if (/\.(fits?|moc|txt)(\.gz)?$/i.test(given)) await fileSource(given)
    return parseMoc(given)
  }
  const start = readFileSync(given).subarray(0, 9).toString('latin1')
  return start === 'SIMPLE  =' ? moc(await fitsRanges(given)) : parseMoc(readFileSync(given, 'utf8'))
}

async function fitsRanges(path: string): Promise<PixelRange[]> {
  const file = await openFits(await fileSource(path))
  try {
    const hdu = file.hdus.find(({ kind }) => kind === 'bintable')
    if (!hdu) throw fault(path, 'has no binary table')
    const card = (name: string) =>
      String(hdu.header.get(name) ?? '')
        .trim()
        .toUpperCase()
    const [system, dimension, ordering] = [card('COORDSYS'), card('MOCDIM') || 'SPACE', card('ORDERING')]
    if (system && system !== 'C') throw fault(path, `is in the system ${system} (COORDSYS), not in C, ICRS`)
    if (dimension !== 'SPACE') throw fault(path, `covers ${dimension} (MOCDIM), not space alone`)
    if (ordering !== 'NUNIQ' && ordering !== 'RANGE')
      throw fault(path, `has the ORDERING "${ordering}", not NUNIQ or RANGE`)
    const layout = tableLayout(file, hdu)
    const column = layout.columns[0]
    if (!column) throw fault(path, `has a table without columns (HDU ${hduLabel(hdu)})`)
    const numbers: bigint[] = []
    for await (const block of rowBlocks(file, layout)) {
      for (const cell of decodeColumn(layout, column, block)) numbers.push(...[cell].flat().map(whole))
    }
    if (ordering === 'NUNIQ') return numbers.map(uniqRange)
    return Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => [
      numbers[2 * i]!,
      numbers[2 * i + 1]!,
    ])
  } finally {
    await file.close()
  }

  function whole(value: unknown): bigint {
    if (typeof value === 'bigint') return value
    if (Number.isInteger(value)) return BigInt(value as number)
    throw fault(path, `holds "${String(value)}", which is no pixel number`)
  }
}

function fault(path: string, problem: string): AlmagestError {
  return new AlmagestError(
    'MOC_FILE',
    'data',
    `the file ${problem}`,
    'A spatial MOC in ICRS is needed: a binary table of UNIQ numbers or ranges, or ASCII such as 3/3,10-12.',
    { file: path },
  )
}

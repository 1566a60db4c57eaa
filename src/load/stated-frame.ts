// The frame that a file's headers state for its positions, compared with the one that the catalogue declares.
import type { FitsFile, Header } from '../fits/index.ts'
import { sourceIn } from '../model/index.ts'
import { loadError } from './errors.ts'
import { type CatalogLayout, findHdu } from './match.ts'

interface Stated {
  readonly radesys: string | undefined
  readonly equinox: number | undefined
}

/**
 * Compares RADESYS and EQUINOX with the catalogue's frame. Those of the column itself (RADEna, EQUIna) go before
 * those of its HDU, these before the primary header's (FITS 4.0, 8.3 and table 22). A header without either states
 * nothing; EQUINOX alone means FK4 before 1984 and FK5 since, as the standard says.
 *
 * @throws AlmagestError LOAD_FRAME
 */
export function checkFrame(file: FitsFile, { catalog, layout, layoutName }: CatalogLayout): void {
  if (!catalog.sky || layout.ignoreFrame !== undefined) return
  const source = sourceIn(catalog, layout, catalog.sky.ra)
  if (source.kind !== 'fits') return
  const hdu = findHdu(file, source.hdu)!
  const column = columnNumber(hdu.header, source.column)
  const stated =
    [
      read(hdu.header, [`RADE${column}A`, `RADE${column}`], [`EQUI${column}A`, `EQUI${column}`]),
      read(hdu.header, ['RADESYS', 'RADECSYS'], ['EQUINOX']),
      read(file.hdus[0]!.header, ['RADESYS', 'RADECSYS'], ['EQUINOX']),
    ].find(({ radesys, equinox }) => radesys !== undefined || equinox !== undefined) ?? nothing
  const problem = contradiction(stated)
  if (problem === undefined) return
  throw loadError(
    'LOAD_FRAME',
    `${problem}, but ${catalog.name} declares its positions as ${catalog.sky.frame.toUpperCase()} (layout ${layoutName})`,
    {
      file: file.source.name,
      hdu: source.hdu,
      column: source.column,
      value: stated.radesys ?? String(stated.equinox),
    },
  )
}

const nothing: Stated = { radesys: undefined, equinox: undefined }

/** What the header says against ICRS, in words. */
function contradiction({ radesys, equinox }: Stated): string | undefined {
  if (radesys === undefined && equinox === undefined) return undefined
  if (radesys === undefined) {
    return `the header states EQUINOX ${equinox} without RADESYS, which means ${equinox! < 1984 ? 'FK4' : 'FK5'}`
  }
  if (radesys !== 'ICRS') return `the header states RADESYS ${radesys}`
  // ICRS has no equinox; 2000 is often written all the same and does no harm.
  if (equinox !== undefined && equinox !== 2000) {
    return `the header states RADESYS ICRS and EQUINOX ${equinox}, which contradict each other`
  }
  return undefined
}

function read(header: Header, systems: readonly string[], equinoxes: readonly string[]): Stated {
  const value = (keywords: readonly string[]) =>
    keywords
      .map((each) => header.get(each))
      .find((each) => each !== undefined && each !== null && each !== '')
  const radesys = value(systems)
  const equinox = value(equinoxes)
  return {
    radesys: radesys === undefined ? undefined : String(radesys).trim().toUpperCase(),
    equinox: equinox === undefined ? undefined : Number(String(equinox).replace(/^[JB]/i, '')),
  }
}

/** Number of the column in its table, counted from 1; 0 where there is none, which no keyword has. */
function columnNumber({ cards }: Header, name: string): number {
  const card = cards.find(
    ({ keyword, value }) =>
      /^TTYPE\d+$/.test(keyword) && String(value).trim().toUpperCase() === name.toUpperCase(),
  )
  return Number(card?.keyword.slice(5) ?? 0)
}

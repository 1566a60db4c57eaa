// Which catalogues of which surveys a file feeds, by its name and then by its HDUs.
import { FitsError, type FitsFile, type Hdu, hduLabel } from '../fits/index.ts'
import {
  type AlmagestError,
  type Catalog,
  type Layout,
  matchFile,
  nearest,
  type Source,
  type Survey,
  sourceIn,
} from '../model/index.ts'
import { loadError } from './errors.ts'

/** One way of reading a file into one catalogue. */
export interface CatalogLayout {
  readonly catalog: Catalog
  readonly layoutName: string
  readonly layout: Layout
  /** What the file's name says: the `{part}`s of the layout's pattern. */
  readonly parts: Readonly<Record<string, string>>
  /** Layouts that stand before it in the catalogue, each with the HDU for want of which it was not taken. */
  readonly passedOver: readonly PassedOver[]
  /** Optional FITS columns that the file has not. */
  readonly without: readonly string[]
}

/** The survey that a file belongs to, and every layout whose name pattern it fits, in the survey's order. */
export interface NamedFile {
  readonly path: string
  /** Base name without `.gz`: what the ledger knows the file by. */
  readonly name: string
  readonly survey: Survey
  readonly candidates: readonly CatalogLayout[]
}

/**
 * The survey that a file belongs to by its name.
 * @throws AlmagestError `LOAD_NO_CATALOG` with the nearest pattern
 */
export function matchName(surveys: readonly Survey[], path: string): NamedFile {
  const name = baseName(path)
  for (const survey of surveys) {
    const candidates = candidatesOf(survey, name)
    if (candidates.length > 0) return { path, name, survey, candidates }
  }
  throw noCatalog(surveys, path, name)
}

/** Whether any catalogue loads files of this name. */
export function feedsCatalog(surveys: readonly Survey[], path: string): boolean {
  return surveys.some((survey) => candidatesOf(survey, baseName(path)).length > 0)
}

/** Compressed or not, it is the same file of the survey. */
const baseName = (path: string) => path.replace(/^.*\//, '').replace(/\.gz$/, '')

const candidatesOf = (survey: Survey, name: string): CatalogLayout[] =>
  survey.catalogs.flatMap((catalog) =>
    Object.entries(catalog.layouts).flatMap(([layoutName, layout]) => {
      const parts = matchFile(layout.files, name)
      return parts ? [{ catalog, layoutName, layout, parts, passedOver: [], without: [] }] : []
    }),
  )

/** The name patterns of all files that the surveys load. */
export function catalogFiles(surveys: readonly Survey[]): string[] {
  const patterns = surveys.flatMap(({ catalogs }) =>
    catalogs.flatMap(({ layouts }) => Object.values(layouts).map(({ files }) => files)),
  )
  return [...new Set(patterns)]
}

/**
 * The layout by which each catalogue reads this file: of those that fit its name the first whose HDUs it has.
 * @throws AlmagestError `LOAD_HDU_MISSING` when a catalogue has none
 */
export function chooseLayouts({ candidates }: NamedFile, file: FitsFile): CatalogLayout[] {
  const catalogs = [...new Set(candidates.map(({ catalog }) => catalog))]
  return catalogs.map((catalog) => {
    const own = candidates.filter((each) => each.catalog === catalog)
    const passedOver: PassedOver[] = []
    for (const candidate of own) {
      const missing = lacking(file, candidate)
      if (!missing) return { ...withoutMissing(file, candidate), passedOver }
      passedOver.push(missing)
    }
    throw missingHdu(file, catalog, passedOver)
  })
}

/** The HDU of that EXTNAME, or by position when written `#1`. */
export function findHdu(file: FitsFile, name: string): Hdu | undefined {
  const position = /^#(\d+)$/.exec(name)
  if (position) return file.hdus[Number(position[1])]
  return file.hdus.find((hdu) => hdu.name.toUpperCase() === name.toUpperCase())
}

/** The layout with NULL for the optional columns that the file lacks. */
function withoutMissing(file: FitsFile, candidate: CatalogLayout): CatalogLayout {
  const { catalog, layout } = candidate
  const columns: Record<string, Source> = { ...layout.columns }
  const without: string[] = []
  for (const name of Object.keys(catalog.columns)) {
    const source = sourceIn(catalog, layout, name)
    if (source.kind !== 'fits' || source.optional === undefined) continue
    if (hasColumn(findHdu(file, source.hdu), source.column)) continue
    columns[name] = { kind: 'absent', reason: source.optional }
    without.push(source.column)
  }
  return without.length === 0 ? candidate : { ...candidate, layout: { ...layout, columns }, without }
}

function hasColumn(hdu: Hdu | undefined, column: string): boolean {
  const { header } = hdu ?? {}
  const fields = Number(header?.get('TFIELDS') ?? 0)
  return Array.from({ length: fields }, (_, i) => String(header?.get(`TTYPE${i + 1}`) ?? '').trim()).some(
    (name) => name.toUpperCase() === column.toUpperCase(),
  )
}

interface PassedOver {
  readonly layoutName: string
  readonly hdu: string
}

/** The first HDU of the layout that the file lacks. */
const lacking = (file: FitsFile, { layoutName, layout }: CatalogLayout): PassedOver | undefined => {
  const hdu = layout.hdus.find((name) => !findHdu(file, name))
  return hdu === undefined ? undefined : { layoutName, hdu }
}

function missingHdu(file: FitsFile, catalog: Catalog, missing: readonly PassedOver[]): AlmagestError {
  const lacks = missing.map(({ layoutName, hdu }) => `${hdu} (layout ${layoutName})`).join(', ')
  const has = file.hdus.map(hduLabel).join(', ')
  const message = `${file.name} lacks the HDU ${lacks} that ${catalog.name} needs; it has ${has}`
  return loadError('LOAD_HDU_MISSING', message, { file: file.name, hdu: missing[0]!.hdu })
}

/**
 * Runs the planning of a file by a layout. A column that is missing then, or doesn't fit, may have its cause in the
 * choice of the layout, so the message tells why it was chosen.
 */
export async function tellingLayout<T>(
  { layoutName, passedOver }: CatalogLayout,
  plan: () => Promise<T>,
): Promise<T> {
  try {
    return await plan()
  } catch (error) {
    if (!(error instanceof FitsError) || passedOver.length === 0) throw error
    const why = passedOver.map(({ layoutName, hdu }) => `HDU ${hdu} of layout ${layoutName}`).join(' and ')
    const message = `${error.message}; the file was taken as layout ${layoutName}, because ${why} is missing`
    const hint = `If the file should have ${why}, download it again. ${error.hint}`
    throw new FitsError(error.code, message, error.place, { hint, cause: error })
  }
}

function noCatalog(surveys: readonly Survey[], path: string, name: string): AlmagestError {
  const known = catalogFiles(surveys)
  const near = nearest(name, known)
  const suggestion = near ? `; did you mean a file named ${near}?` : ''
  return loadError(
    'LOAD_NO_CATALOG',
    `no catalogue loads a file named ${name}${suggestion}`,
    { file: path },
    {
      hint: `Files are known by name: ${known.join(', ')}.`,
    },
  )
}

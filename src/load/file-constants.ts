// The columns that have one value for the whole file: header cards, parts of its name, its number in the ledger.
import type { FitsFile } from '../fits/index.ts'
import { type Column, isRequired, type Source, type SqlType, sourceIn } from '../model/index.ts'
import { loadError } from './errors.ts'
import { type ConstantValue, constantFault } from './fields/constant.ts'
import { type CatalogLayout, findHdu } from './match.ts'

export interface FileConstant {
  readonly name: string
  readonly type: SqlType
  readonly value: ConstantValue
}

/**
 * Values of those columns; columns that the server fills, or that this layout has not, are left out.
 * @throws AlmagestError LOAD_CARD_MISSING, LOAD_CONSTANT_INVALID
 */
export function fileConstants(file: FitsFile, chosen: CatalogLayout, fileId: number): FileConstant[] {
  const { catalog, layout } = chosen
  return Object.entries(catalog.columns).flatMap(([name, column]) => {
    const source = sourceIn(catalog, layout, name)
    const value = constantOf(file, chosen, fileId, source)
    if (value === undefined || (source.kind === 'absent' && column.default === undefined)) return []
    check(file, name, column, isRequired(catalog, name), source, value)
    return [{ name, type: column.type, value }]
  })
}

/** The constant that a source gives; undefined where it gives none. */
function constantOf(
  file: FitsFile,
  { parts }: CatalogLayout,
  fileId: number,
  source: Source,
): ConstantValue | undefined {
  switch (source.kind) {
    case 'card':
      return findHdu(file, source.hdu)?.header.get(source.keyword) ?? null
    case 'path':
      return partOf(parts[source.part], source.words)
    case 'constant':
      return source.value
    case 'file':
      return fileId
    case 'absent':
      return null
    default:
      return undefined
  }
}

function partOf(part: string | undefined, words: Readonly<Record<string, string>> = {}): ConstantValue {
  if (part === undefined) return null
  return Object.hasOwn(words, part) ? words[part]! : part
}

function check(
  file: FitsFile,
  name: string,
  column: Column,
  required: boolean,
  source: Source,
  value: ConstantValue,
): void {
  const place = { file: file.name, column: name, ...(source.kind === 'card' ? { hdu: source.hdu } : {}) }
  if (value === null) {
    if (!required) return
    if (source.kind === 'card') {
      const message = `the card ${source.keyword} in ${source.hdu} of ${file.name} is absent or has no value, and ${name} needs it`
      throw loadError('LOAD_CARD_MISSING', message, place)
    }
    const reason = source.kind === 'absent' ? `: ${source.reason}` : ''
    throw loadError(
      'LOAD_CONSTANT_INVALID',
      `${name} must have a value, and ${file.name} has none${reason}`,
      place,
    )
  }
  const fault = constantFault(column, value)
  if (fault === undefined) return
  const origin = source.kind === 'card' ? `card ${source.keyword} in ${source.hdu}` : 'name'
  const message = `the ${origin} of ${file.name} gives ${name} the value ${value}: ${fault}`
  throw loadError('LOAD_CONSTANT_INVALID', message, { ...place, value: String(value) })
}

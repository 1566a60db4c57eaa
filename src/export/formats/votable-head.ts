// The part of a VOTable 1.4 before its data: what the table and its columns are.
import type { Catalog } from '../../model/index.ts'
import type { ExportColumn, ExportType } from '../columns.ts'
import { momentLength } from '../value-text.ts'

/** Datatype and shape of a cell (VOTable 1.4, section 2.1); texts are Unicode, a moment's form is that of DALI 1.1. */
const datatypes: Readonly<Record<ExportType, string>> = {
  boolean: 'datatype="boolean"',
  smallint: 'datatype="short"',
  integer: 'datatype="int"',
  bigint: 'datatype="long"',
  real: 'datatype="float"',
  'double precision': 'datatype="double"',
  text: 'datatype="unicodeChar" arraysize="*"',
  timestamp: `datatype="char" arraysize="${momentLength}" xtype="timestamp"`,
  'real[]': 'datatype="float" arraysize="*"',
  'double precision[]': 'datatype="double" arraysize="*"',
  'bigint[]': 'datatype="long" arraysize="*"',
}

/** The document up to where the table's DATA would begin; `votableEnd` closes it. */
export function votableStart(catalog: Catalog, columns: readonly ExportColumn[]): string {
  const { sky, title, name } = catalog
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">',
    '<RESOURCE type="results">',
    ...(sky ? [`<COOSYS ID="sky" system="${sky.frame.toUpperCase()}"/>`] : []),
    `<TABLE name="${escaped(name)}">`,
    `<DESCRIPTION>${escaped(title)}</DESCRIPTION>`,
    ...columns.map((column) => field(catalog, column)),
    '',
  ].join('\n')
}

export const votableEnd = '</TABLE>\n</RESOURCE>\n</VOTABLE>\n'

function field({ sky }: Catalog, { name, type, unit, ucd, description }: ExportColumn): string {
  const attributes = [
    `ID="${name}"`,
    `name="${name}"`,
    datatypes[type],
    ...(unit === undefined ? [] : [`unit="${escaped(unit)}"`]),
    ...(ucd === undefined ? [] : [`ucd="${escaped(ucd)}"`]),
    ...(name === sky?.ra || name === sky?.dec ? ['ref="sky"'] : []),
  ]
  return `<FIELD ${attributes.join(' ')}><DESCRIPTION>${escaped(description)}</DESCRIPTION></FIELD>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as XML 1.0 may hold it. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character]!)
}

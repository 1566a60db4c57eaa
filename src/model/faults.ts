// Everything that can be wrong with a catalogue definition, reported all at once.
import type { Catalog, ForeignKey, Layout } from './catalog.ts'
import type { Column } from './column.ts'
import { encryptionFault, searchedFaults } from './encryption-faults.ts'
import {
  columnListFaults,
  type Fault,
  identifier,
  identifierFaults,
  keyListFaults,
  rangeFault,
  suggestion,
} from './fault.ts'
import { partitionFaults } from './partition-faults.ts'
import { ucdFault } from './ucd.ts'
import { unitFault } from './unit.ts'

/** All faults of a definition, in the order of its parts. */
export function faultsOf(catalog: Catalog): Fault[] {
  const names = Object.keys(catalog.columns)
  return [
    ...nameFaults(catalog),
    ...Object.entries(catalog.columns).flatMap(([name, column]) => columnFaults(name, column)),
    ...(catalog.key.length === 0
      ? [{ path: 'key', problem: 'no key column: nothing identifies a row' }]
      : keyListFaults('key', catalog.key, names)),
    ...catalog.unique.flatMap((list, i) => keyListFaults(`unique[${i}]`, list, names)),
    ...duplicateFaults(catalog),
    ...catalog.foreignKeys.flatMap((key, i) => foreignKeyFaults(`foreignKeys[${i}]`, key, names)),
    ...searchedFaults(catalog),
    ...renameFaults(catalog, names),
    ...skyFaults(catalog, names),
    ...partitionFaults(catalog, names),
    ...indexFaults(catalog, names),
    ...Object.entries(catalog.selections).flatMap(([name, list]) =>
      columnListFaults(
        `selections.${name}`,
        list.map((c) => c.column),
        names,
      ),
    ),
    ...Object.entries(catalog.layouts).flatMap(([name, layout]) =>
      layoutFaults(`layouts.${name}`, layout, catalog),
    ),
  ]
}

function duplicateFaults({ duplicates, layouts }: Catalog): Fault[] {
  if (!duplicates) return []
  const reason = duplicates.reason.trim() === '' ? [{ path: 'duplicates.reason', problem: 'no reason' }] : []
  const parts = (duplicates.uniqueWithin ?? []).flatMap((part) =>
    Object.entries(layouts)
      .filter(([, { files }]) => !new RegExp(`\\{${part}(:[^}]+)?\\}`).test(files))
      .map(([name]) => ({
        path: 'duplicates.uniqueWithin',
        problem: `the file names of layout ${name} have no part {${part}}`,
      })),
  )
  return [...reason, ...parts]
}

function nameFaults(catalog: Catalog): Fault[] {
  const parts = catalog.name.split('.')
  if (parts.length === 2 && parts.every((part) => identifier.test(part))) return []
  return [{ path: 'name', problem: `"${catalog.name}" is not of the form schema.table in lower case` }]
}

function columnFaults(name: string, column: Column): Fault[] {
  const path = `columns.${name}`
  const faults: Fault[] = []
  const add = (part: string, problem: string | undefined) => {
    if (problem) faults.push({ path: `${path}${part}`, problem })
  }
  add(
    '',
    identifier.test(name) ? undefined : `"${name}" is not a lower-case SQL identifier of at most 63 letters`,
  )
  add(
    '.renamed',
    column.renamed === undefined || identifier.test(column.renamed)
      ? undefined
      : `"${column.renamed}" is not a lower-case SQL identifier`,
  )
  add('.description', column.description.trim() ? undefined : 'no description')
  add('.unit', column.unit === undefined ? undefined : unitFault(column.unit))
  add('.ucd', column.ucd === undefined ? undefined : ucdFault(column.ucd))
  add('.range', rangeFault(column))
  add(
    '.source',
    typeof column.source === 'string'
      ? `"${column.source}" has no HDU: wrap the column in fromHdu`
      : undefined,
  )
  add('.mask', maskFault(column))
  add('.encrypts', encryptionFault(column))
  add('.oneOf', column.oneOf?.length === 0 ? 'an empty vocabulary allows no value' : undefined)
  return faults
}

function maskFault({ mask, sensitivity, type }: Column): string | undefined {
  if (mask === undefined) return undefined
  if (sensitivity === 'public') return 'a public column is shown as it is: give it a sensitivity, or no mask'
  if (typeof mask === 'string') return undefined
  if (!['double precision', 'real'].includes(type)) return `${type} has no decimals to round to`
  const { decimals } = mask
  return Number.isInteger(decimals) && decimals >= 0 && decimals <= 15
    ? undefined
    : `${decimals} is no number of decimals from 0 to 15`
}

function foreignKeyFaults(path: string, foreignKey: ForeignKey, names: readonly string[]): Fault[] {
  const { columns, key, references } = foreignKey
  const faults = keyListFaults(`${path}.columns`, columns, names)
  if (columns.length !== key.length) {
    const problem = `${columns.length} columns refer to ${key.length} of ${references}`
    faults.push({ path: `${path}.key`, problem })
  }
  return faults
}

function renameFaults(catalog: Catalog, names: readonly string[]): Fault[] {
  const faults = names
    .filter((name) => names.includes(catalog.columns[name]?.renamed ?? ''))
    .map((name) => ({
      path: `columns.${name}.renamed`,
      problem: `"${catalog.columns[name]!.renamed}" is still a column`,
    }))
  return catalog.renamed === undefined ? faults : [...faults, ...identifierFaults('renamed', catalog.renamed)]
}

function skyFaults({ sky }: Catalog, names: readonly string[]): Fault[] {
  if (!sky) return []
  return [
    ...columnListFaults('sky.ra', [sky.ra], names),
    ...columnListFaults('sky.dec', [sky.dec], names),
    ...identifierFaults('sky.index', sky.index),
    ...(sky.healpix === undefined ? [] : identifierFaults('sky.healpix', sky.healpix)),
  ]
}

function indexFaults(catalog: Catalog, names: readonly string[]): Fault[] {
  const selections = Object.keys(catalog.selections)
  return Object.entries(catalog.indexes).flatMap(([name, index]) => [
    ...identifierFaults(`indexes.${name}`, name),
    ...keyListFaults(`indexes.${name}.btree`, index.btree, names),
    ...(index.include ? keyListFaults(`indexes.${name}.include`, index.include, names) : []),
    ...index.btree
      .filter((column) => index.include?.includes(column))
      .map((column) => ({
        path: `indexes.${name}.include`,
        problem: `column "${column}" is among the sorted ones`,
      })),
    ...(index.only !== undefined && !selections.includes(index.only)
      ? [
          {
            path: `indexes.${name}.only`,
            problem: `no selection "${index.only}"${suggestion(index.only, selections)}`,
          },
        ]
      : []),
  ])
}

function layoutFaults(path: string, layout: Layout, catalog: Catalog): Fault[] {
  const names = Object.keys(catalog.columns)
  const parts = [...layout.files.matchAll(/\{(\w+)(?::[^}]*)?\}/g)].map((match) => match[1]!)
  const faults = columnListFaults(`${path}.columns`, Object.keys(layout.columns ?? {}), names)
  if (layout.rows === 'pixels' && layout.hdus.length !== 1) {
    faults.push({
      path: `${path}.hdus`,
      problem: `pixels come from one image, and ${layout.hdus.length} are named`,
    })
  }
  for (const name of names) {
    const source = layout.columns?.[name] ?? catalog.columns[name]!.source
    if (typeof source === 'string') continue
    const ofImage = source.kind === 'pixel' || source.kind === 'axis'
    if (ofImage && layout.rows !== 'pixels') {
      faults.push({
        path: `${path}.rows`,
        problem: `column ${name} comes from an image: rows must be 'pixels'`,
      })
    }
    if (source.kind === 'fits' && layout.rows === 'pixels') {
      faults.push({ path: `${path}.rows`, problem: `column ${name} comes from a table, and rows are pixels` })
    }
    if (source.kind === 'fits' && source.element !== undefined && !isPlace(source.element)) {
      faults.push({
        path: `columns.${name}.source.element`,
        problem: `element ${source.element} of ${source.column}: elements are counted from 1`,
      })
    }
    if ((source.kind === 'fits' || ofImage) && !layout.hdus.includes(source.hdu)) {
      faults.push({
        path: `${path}.hdus`,
        problem: `column ${name} comes from HDU ${source.hdu}, which is not listed${suggestion(source.hdu, layout.hdus)}`,
      })
    }
    if (source.kind === 'path' && !parts.includes(source.part)) {
      faults.push({
        path: `${path}.files`,
        problem: `column ${name} needs the part {${source.part}}${suggestion(source.part, parts)}`,
      })
    }
  }
  return faults
}

const isPlace = (element: number) => Number.isInteger(element) && element >= 1

// A definition becomes a frozen catalogue, or an error with every fault in it.
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  AlmagestError,
  type Catalog,
  defineCatalog,
  fits,
  float32,
  float64,
  fromHdu,
  int32,
  int64,
  isRequired,
  type RowOf,
  rowNumber,
  sourceIn,
  text,
} from '../../src/model/index.ts'

const galaxies = defineCatalog({
  name: 'sky.galaxies',
  title: 'Galaxies',
  columns: {
    ...fromHdu('TABLE', {
      id: int64('ID', 'Identifier.'),
      ra: float64('RA', 'Right ascension.', { unit: 'deg', required: true, range: { from: 0, below: 360 } }),
      dec: float64('DEC', 'Declination.', { unit: 'deg', required: true }),
      mass: float32('MASS', 'Mass.'),
      kind: text('KIND', 'Kind.', { oneOf: ['spiral', 'elliptical'], required: true }),
      note: text('NOTE', 'Note.'),
    }),
    row: int32(rowNumber(), 'Row.'),
  },
  key: ['id'],
  unique: [['row']],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_sky' },
  selections: { heavy: (c) => [c.mass.atLeast(10), c.kind.equals('spiral'), c.note.isNotNull()] },
  indexes: { idx_mass: { btree: ['mass', 'row'], only: 'heavy' } },
  layouts: {
    first: { files: 'a_{part:X|Y}.fits', hdus: ['TABLE'] },
    second: { files: 'b.fits', hdus: ['OTHER', 'TABLE'], columns: { mass: fits('OTHER', 'M') } },
  },
})

type Definition = Parameters<typeof defineCatalog>[0]

/** The lines of the fault list that the definition provokes; [] where it is accepted. */
function faultsOf(definition: unknown): string[] {
  try {
    defineCatalog(definition as Definition)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(AlmagestError)
    const { code, kind, message } = error as AlmagestError
    expect({ code, kind }).toEqual({ code: 'CATALOG_FAULTS', kind: 'catalog' })
    const [head, ...lines] = message.split('\n')
    expect(head).toContain(`${lines.length} fault`)
    return lines.map((line) => line.trim())
  }
}

/** The definition that `galaxies` was made from, with some parts replaced. */
const changed = (parts: object) => ({
  name: 'sky.galaxies',
  title: 'Galaxies',
  columns: galaxies.columns,
  key: ['id'],
  ...parts,
})

const withColumn = (column: object) => changed({ columns: { ...galaxies.columns, extra: column } })

describe('a sound definition', () => {
  test('is split into schema and table and completed', () => {
    expect(galaxies.schema).toBe('sky')
    expect(galaxies.table).toBe('galaxies')
    expect(galaxies.foreignKeys).toEqual([])
    expect(Object.keys(galaxies.columns)).toEqual(['id', 'ra', 'dec', 'mass', 'kind', 'note', 'row'])
  })

  test('is frozen to its depth', () => {
    expect(() => Object.assign(galaxies.columns.ra.range!, { from: 1 })).toThrow(TypeError)
    expect(() => Object.assign(galaxies.layouts.first!.hdus, { 0: 'X' })).toThrow(TypeError)
    expect(() => (galaxies.key as string[]).push('ra')).toThrow(TypeError)
  })

  test('turns selections into conditions as data', () => {
    expect(galaxies.selections.heavy).toEqual([
      { column: 'mass', is: '>=', value: 10 },
      { column: 'kind', is: '=', value: 'spiral' },
      { column: 'note', is: 'not null' },
    ])
  })

  test('requires key columns without being told', () => {
    const untyped = galaxies as unknown as Catalog
    const required = Object.keys(galaxies.columns).filter((column) => isRequired(untyped, column))
    expect(required).toEqual(['id', 'ra', 'dec', 'kind'])
  })

  test('takes the source of a column from the layout where that differs', () => {
    const untyped = galaxies as unknown as Catalog
    const of = (layout: string) => sourceIn(untyped, galaxies.layouts[layout]!, 'mass')
    expect(of('first')).toEqual({ kind: 'fits', hdu: 'TABLE', column: 'MASS' })
    expect(of('second')).toEqual({ kind: 'fits', hdu: 'OTHER', column: 'M' })
  })

  test('has a row type: bigint, unions, null where a value may be missing', () => {
    type Row = RowOf<typeof galaxies>
    expectTypeOf<Row['id']>().toEqualTypeOf<bigint>()
    expectTypeOf<Row['ra']>().toEqualTypeOf<number>()
    expectTypeOf<Row['mass']>().toEqualTypeOf<number | null>()
    expectTypeOf<Row['kind']>().toEqualTypeOf<'spiral' | 'elliptical'>()
    expectTypeOf<Row['note']>().toEqualTypeOf<string | null>()
    expectTypeOf<keyof Row>().toEqualTypeOf<'id' | 'ra' | 'dec' | 'mass' | 'kind' | 'note' | 'row'>()
  })

  test('does not compile with a misspelt column, and is refused where types were ignored', () => {
    const columns = { id: int64(rowNumber(), 'Row.') }
    const misspelt = () =>
      defineCatalog({
        ...{ name: 'sky.t', title: 'T', columns },
        // @ts-expect-error there is no column "idd"
        key: ['idd'],
        // @ts-expect-error nor "raa"
        selections: { near: (c) => [c.raa.below(1)] },
      })
    expect(misspelt).toThrow()
  })
})

describe('a faulty definition', () => {
  test('is told all its faults at once, each with its path and the nearest name', () => {
    const faults = faultsOf(
      changed({
        columns: {
          ...galaxies.columns,
          Bad: float64(fits('TABLE', 'BAD'), ' ', {
            unit: 'degg',
            ucd: 'pos.eq.raa',
            range: { from: 2, to: 1 },
          }),
          loose: float64('LOOSE', 'Without an HDU.'),
        },
        key: ['idd'],
        sky: { ra: 'rra', dec: 'dec', frame: 'icrs', index: 'Idx' },
        indexes: { idx_mass: { btree: ['mas'], only: 'havy' } },
        selections: { heavy: () => [{ column: 'masss', is: 'null' }] },
        layouts: { only: { files: 'x.fits', hdus: ['TABL'], columns: { decc: rowNumber() } } },
      }),
    )
    expect(faults.filter((fault) => !fault.startsWith('layouts.only.hdus'))).toEqual([
      'columns.Bad: "Bad" is not a lower-case SQL identifier of at most 63 letters',
      'columns.Bad.description: no description',
      'columns.Bad.unit: unit "degg" is no VOUnit: "degg" is not known; did you mean "deg"?',
      'columns.Bad.ucd: "pos.eq.raa" of UCD "pos.eq.raa" is not a UCD1+ word; did you mean "pos.eq.ra"?',
      'columns.Bad.range: the range from 2 to 1 is empty',
      'columns.loose.source: "LOOSE" has no HDU: wrap the column in fromHdu',
      'key: no column "idd"; did you mean "id"?',
      'sky.ra: no column "rra"; did you mean "ra"?',
      'sky.index: "Idx" is not a lower-case SQL identifier',
      'indexes.idx_mass.btree: no column "mas"; did you mean "mass"?',
      'indexes.idx_mass.only: no selection "havy"; did you mean "heavy"?',
      'selections.heavy: no column "masss"; did you mean "mass"?',
      'layouts.only.columns: no column "decc"; did you mean "dec"?',
    ])
    expect(faults).toContain(
      'layouts.only.hdus: column ra comes from HDU TABLE, which is not listed; did you mean "TABL"?',
    )
  })

  test.each([
    [changed({ name: 'galaxies' }), 'name: "galaxies" is not of the form schema.table in lower case'],
    [changed({ name: 'Sky.galaxies' }), 'name: "Sky.galaxies" is not of the form schema.table in lower case'],
    [changed({ key: [] }), 'key: no key column: nothing identifies a row'],
    [changed({ key: ['id', 'id'] }), 'key: column "id" is named twice'],
    [changed({ unique: [[]] }), 'unique[0]: no column is named'],
    [changed({ indexes: { i: { btree: [] } } }), 'indexes.i.btree: no column is named'],
    [
      changed({ indexes: { i: { btree: ['ra'], include: ['decc'] } } }),
      'indexes.i.include: no column "decc"; did you mean "dec"?',
    ],
    [
      changed({ indexes: { i: { btree: ['ra'], include: ['ra'] } } }),
      'indexes.i.include: column "ra" is among the sorted ones',
    ],
    [
      changed({ indexes: { 'a b': { btree: ['ra'] } } }),
      'indexes.a b: "a b" is not a lower-case SQL identifier',
    ],
    [
      changed({ foreignKeys: [{ columns: ['row'], references: 'sky.other', key: ['a', 'b'] }] }),
      'foreignKeys[0].key: 1 columns refer to 2 of sky.other',
    ],
    [
      changed({
        layouts: {
          l: { files: 'x.fits', hdus: ['TABLE'], columns: { note: { kind: 'path', part: 'cap' } } },
        },
      }),
      'layouts.l.files: column note needs the part {cap}',
    ],
    [
      changed({
        duplicates: { keep: 'first', reason: 'overlap', uniqueWithin: ['part'] },
        layouts: {
          first: { files: 'a_{part:X|Y}.fits', hdus: ['TABLE'] },
          second: { files: 'b.fits', hdus: ['TABLE'] },
        },
      }),
      'duplicates.uniqueWithin: the file names of layout second have no part {part}',
    ],
    [changed({ duplicates: { keep: 'first', reason: ' ' } }), 'duplicates.reason: no reason'],
    [
      withColumn(text(rowNumber(), 'Text.', { range: { from: 0 } })),
      'columns.extra.range: a range makes no sense for text',
    ],
    [
      withColumn(int32(rowNumber(), 'Both.', { range: { from: 0, above: 0 } })),
      'columns.extra.range: both "from" and "above" are given',
    ],
    [
      withColumn(int32(rowNumber(), 'Both.', { range: { to: 0, below: 0 } })),
      'columns.extra.range: both "to" and "below" are given',
    ],
    [
      withColumn(text(rowNumber(), 'None.', { oneOf: [] })),
      'columns.extra.oneOf: an empty vocabulary allows no value',
    ],
  ])('case %#: %s', (definition, expected) => {
    expect(faultsOf(definition)).toEqual([expected])
  })

  test('a misspelt index column finds the right one, whichever letter is wrong', () => {
    const names = ['targetid', 'redshift', 'luminosity']
    const columns = Object.fromEntries(names.map((name) => [name, int32(rowNumber(), 'Column.')]))
    const misspelt = fc
      .tuple(fc.constantFrom(...names), fc.nat(), fc.constantFrom('q', 'x', '_'))
      .map(([name, at, letter]) => ({
        name,
        slip: `${name.slice(0, at % name.length)}${letter}${name.slice((at % name.length) + 1)}`,
      }))
    fc.assert(
      fc.property(misspelt, ({ name, slip }) => {
        fc.pre(slip !== name)
        const faults = faultsOf(changed({ columns, key: ['targetid'], indexes: { i: { btree: [slip] } } }))
        expect(faults).toEqual([`indexes.i.btree: no column "${slip}"; did you mean "${name}"?`])
      }),
    )
  })

  test('a range is empty exactly when no number lies in it', () => {
    const bound = fc.integer({ min: -3, max: 3 })
    const low = fc.oneof(
      fc.constant({}),
      bound.map((from) => ({ from })),
      bound.map((above) => ({ above })),
    )
    const high = fc.oneof(
      fc.constant({}),
      bound.map((to) => ({ to })),
      bound.map((below) => ({ below })),
    )
    fc.assert(
      fc.property(low, high, (from, to) => {
        const range: { from?: number; above?: number; to?: number; below?: number } = { ...from, ...to }
        const candidates = Array.from({ length: 41 }, (_, i) => (i - 20) / 4)
        const some = candidates.some(
          (v) =>
            v >= (range.from ?? -9) &&
            v > (range.above ?? -9) &&
            v <= (range.to ?? 9) &&
            v < (range.below ?? 9),
        )
        const faults = faultsOf(withColumn(float64(rowNumber(), 'Ranged.', { range })))
        expect(faults.length === 0).toBe(some)
      }),
    )
  })
})

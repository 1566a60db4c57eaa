// A table with a column of every type that a catalogue may have, random rows for it, and exports of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  boolean,
  byServer,
  defineCatalog,
  defineSurvey,
  float32,
  float32s,
  float64,
  float64s,
  int16,
  int32,
  int64,
  int64s,
  text,
  timestamp,
} from '../../src/model/index.ts'
import { CopyWriter } from '../../src/postgres/index.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'

const here = byServer('the test')

export const every = defineCatalog({
  name: 'export_types.every',
  title: 'A column of every type: <α> & "β"',
  columns: {
    id: int64(here, 'Identifier.', { ucd: 'meta.id;meta.main' }),
    ra: float64(here, 'Right ascension.', { unit: 'deg', ucd: 'pos.eq.ra;meta.main' }),
    dec: float64(here, 'Declination.', { unit: 'deg', ucd: 'pos.eq.dec;meta.main' }),
    k: int64(here, '64 bits.', { ucd: 'meta.number' }),
    j: int32(
      here,
      '32 bits, with a description that is far longer than a card of a FITS header can hold at once.',
    ),
    i: int16(here, '16 bits.'),
    e: float32(here, 'Single precision.', { unit: 'km/s', ucd: 'phys.veloc' }),
    d: float64(here, 'Double precision.', { unit: "Mpc/'h'", ucd: 'pos.distance' }),
    l: boolean(here, 'Truth & "lies" < 1.'),
    a: text(here, 'Text.'),
    moment: timestamp(here, 'Moment.', { ucd: 'time.epoch' }),
    es: float32s(here, 'Singles.', { unit: 'mag' }),
    ds: float64s(here, 'Doubles.'),
    ks: int64s(here, 'Integers.'),
  },
  key: ['id'],
  sky: { ra: 'ra', dec: 'dec', frame: 'icrs', index: 'idx_every' },
  selections: { near: (c) => [c.ra.below(90)], none: (c) => [c.ra.below(-1)] },
})

export const survey = defineSurvey({
  name: 'export-types',
  title: 'Types',
  schema: 'export_types',
  version: '1',
  catalogs: [every],
})

export interface EveryRow {
  ra: number
  k: bigint | null
  j: number | null
  i: number | null
  e: number | null
  d: number | null
  l: boolean | null
  a: string | null
  moment: Date | null
  es: (number | null)[] | null
  ds: (number | null)[] | null
  ks: (bigint | null)[] | null
}

/** Numbers that formats lose first. */
const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(
    -0,
    0,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    -5e-324,
    1.7976931348623157e308,
    0.1,
    1e16,
    1e21,
  ),
)
const singles = fc.oneof(
  fc.float(),
  fc.constantFrom(
    -0,
    0,
    Number.NaN,
    Infinity,
    -Infinity,
    2 ** -149,
    Math.fround(3.4028234663852886e38),
    Math.fround(0.1),
  ),
)
const int64s64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, 0n),
)
const ints = (bits: number) =>
  fc.oneof(
    fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }),
    fc.constantFrom(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0),
  )
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 })
const moments = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
/** PostgreSQL holds no NUL in a text, and UTF-8 no half of a surrogate pair. */
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => value.replaceAll('\0', '')),
  fc.constantFrom(
    'a,b',
    'say "yes"',
    ' blanks ',
    '# no comment',
    'α Centauri',
    '𝛼',
    "it's",
    'null',
    'nan',
    'two  blanks',
    'two\nlines',
  ),
)
const asciiTexts = fc.string({ unit: fc.constantFrom(...'abc XYZ09\'"&<>,#/'), maxLength: 12 })

export type Texts = 'unicode' | 'ascii'

/** Random rows. `fixed` gives all arrays one length, and no NULL inside, as FITS and VOTable want them. */
export function everyRows(kind: Texts, fixed: boolean): fc.Arbitrary<EveryRow[]> {
  const array = <T>(value: fc.Arbitrary<T>) =>
    fixed ? fc.array(value, { minLength: 2, maxLength: 2 }) : fc.array(maybe(value), { maxLength: 4 })
  return fc.array(
    fc.record<EveryRow>({
      ra: fc.double({ min: 0, max: 360, noNaN: true, maxExcluded: true }),
      k: maybe(int64s64),
      j: maybe(ints(32)),
      i: maybe(ints(16)),
      e: maybe(singles),
      d: maybe(doubles),
      l: maybe(fc.boolean()),
      a: maybe(kind === 'ascii' ? asciiTexts : texts),
      moment: maybe(moments),
      es: maybe(array(singles)),
      ds: maybe(array(doubles)),
      ks: maybe(array(int64s64)),
    }),
    { minLength: 1, maxLength: 30 },
  )
}

/** Puts the rows in the place of those in the table; identifiers count from 1. */
export async function fill({ client }: ScratchDatabase, rows: readonly EveryRow[]): Promise<void> {
  await client.query('TRUNCATE export_types.every')
  const names = Object.keys(every.columns)
  const writer = new CopyWriter(names.length)
  for (const [index, row] of rows.entries()) {
    writer.row()
    const whole: Record<string, unknown> = { id: BigInt(index + 1), dec: 0, ...row }
    for (const [name, column] of Object.entries(every.columns)) {
      const value = whole[name]
      writer.value(column.type as 'text', value as string | null)
    }
  }
  const copy = await client.copyIn(`COPY export_types.every (${names.join(', ')}) FROM STDIN (FORMAT binary)`)
  writer.finish()
  await copy.write(writer.bytes())
  await copy.finish()
}

/** A folder of the test, gone with it. */
export function exportFolder(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-export-'))
  return { path: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true }) }
}

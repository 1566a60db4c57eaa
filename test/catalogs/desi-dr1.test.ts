// The DESI catalogue holds the tables of the schema that analyses already use, and reads both file versions.
import { readFileSync } from 'node:fs'
import { describe, expect, expectTypeOf, test } from 'vitest'
import survey, { fastspecfit, voids } from '../../catalogs/desi-dr1/index.ts'
import { type Catalog, inRange, isRequired, matchFile, type RowOf, sourceIn } from '../../src/model/index.ts'
import { needs, sharedFolder } from '../require.ts'

const catalogs = survey.catalogs
const galaxies = fastspecfit as unknown as Catalog

describe('the survey', () => {
  test('has the tables of galaxies, voids and their map', () => {
    expect(survey.name).toBe('desi-dr1')
    expect(catalogs.map((each) => each.name)).toEqual(
      expect.arrayContaining([
        'desi_analysis.fastspecfit_iron',
        'desi_analysis.desivast_voids',
        'desi_analysis.void_galaxy_map',
      ]),
    )
  })

  test('tells targets that are one object: both refer to the galaxies, with separation and rank', () => {
    const [match] = survey.matches!
    expect(match!.match).toMatchObject({ keep: 'all', self: true, radius: 1 / 3600 })
    const { name, columns, key, foreignKeys } = match!.catalog
    expect([name, Object.keys(columns), key]).toEqual([
      'desi_analysis.same_object',
      ['a_targetid', 'b_targetid', 'separation', 'rank'],
      ['a_targetid', 'b_targetid'],
    ])
    expect(foreignKeys.map((each) => [each.columns, each.references, each.key])).toEqual([
      [['a_targetid'], 'desi_analysis.fastspecfit_iron', ['targetid']],
      [['b_targetid'], 'desi_analysis.fastspecfit_iron', ['targetid']],
    ])
  })

  test('explains every column, with a UCD wherever it has a unit or a range', () => {
    for (const { name, columns } of catalogs) {
      for (const [column, { description, unit, range, ucd }] of Object.entries(columns)) {
        expect(description, `${name}.${column}`).toMatch(/\w.*\.$/)
        if (unit !== undefined || (range !== undefined && column !== 'omega_m' && column !== 'hubble'))
          expect(ucd, `${name}.${column}`).toBeDefined()
      }
    }
  })

  test('says why, wherever a layout lacks a column', () => {
    for (const catalog of catalogs) {
      for (const layout of Object.values(catalog.layouts)) {
        for (const column of Object.keys(catalog.columns)) {
          const source = sourceIn(catalog, layout, column)
          if (source.kind === 'absent') expect(source.reason, column).toMatch(/\w+ \w+/)
          if (source.kind === 'absent') expect(isRequired(catalog, column), column).toBe(false)
        }
      }
    }
  })

  test('has row types an analysis can rely on', () => {
    type Galaxy = RowOf<typeof fastspecfit>
    expectTypeOf<Galaxy['targetid']>().toEqualTypeOf<bigint>()
    expectTypeOf<Galaxy['ra']>().toEqualTypeOf<number>()
    expectTypeOf<Galaxy['logmstar']>().toEqualTypeOf<number | null>()
    expectTypeOf<Galaxy['survey']>().toEqualTypeOf<string | null>()
  })
})

describe('the galaxies', () => {
  // The release's main bright program: observed extremes, failed fits included.
  test.each([
    ['ra', 1.08e-4, 359.9999],
    ['dec', -19.46, 79.27],
    ['z', 0.001, 6.408],
    ['logmstar', -12.1, 15.63],
    ['sfr', 0, 76710],
  ] as const)('the range of %s holds for the release', (name, low, high) => {
    const range = fastspecfit.columns[name].range!
    expect([low, high].map((value) => inRange(range, value))).toEqual([true, true])
  })

  test('bring a right ascension of 360 to 0', () => {
    expect(sourceIn(galaxies, galaxies.layouts['v3.0']!, 'ra')).toMatchObject({
      convert: { kind: 'wrap-ra' },
    })
  })

  test('take the attenuation from the optical depth in version 3.0, as it stands in 2.1', () => {
    const sources = ['v3.0', 'v2.1'].map((layout) => sourceIn(galaxies, galaxies.layouts[layout]!, 'av'))
    // A_V / tau_V as optical texts give it.
    expect(sources[0]).toMatchObject({ hdu: 'SPECPHOT', column: 'TAUV', convert: { kind: 'scale' } })
    expect((sources[0] as { convert: { factor: number } }).convert.factor).toBeCloseTo(1.085736, 6)
    expect(sources[1]).toEqual({ kind: 'fits', hdu: 'FASTSPEC', column: 'AV' })
    expect(sourceIn(galaxies, galaxies.layouts['v2.1']!, 'tauv').kind).toBe('absent')
  })

  test.each([
    ['fastspec-iron-main-bright-nside1-hp00.fits', { survey: 'main', program: 'bright' }],
    ['fastspec-iron-main-dark-nside1-hp11.fits', { survey: 'main', program: 'dark' }],
    ['fastspec-iron-sv3-bright.fits', { survey: 'sv3', program: 'bright' }],
    ['fastspec-iron-special-other.fits', { survey: 'special', program: 'other' }],
    ['fastspec-iron-cmx-other.fits.gz', { survey: 'cmx', program: 'other' }],
    ['fastspec-fuji-sv3-bright.fits', undefined],
    ['fastphot-iron-main-bright-nside1-hp00.fits', undefined],
  ])('file %s', (name, parts) => {
    for (const layout of Object.values(fastspecfit.layouts))
      expect(matchFile(layout.files, name)).toEqual(parts)
  })

  test('have a partial index for the selection that void analyses start from', () => {
    expect(fastspecfit.indexes.idx_fastspecfit_void_sample).toEqual({
      btree: ['z', 'logmstar'],
      only: 'void_sample',
    })
    expect(fastspecfit.selections.void_sample).toEqual([
      { column: 'z', is: 'between', low: 0.01, high: 0.24 },
      { column: 'logmstar', is: 'not null' },
    ])
  })
})

describe('the void files', () => {
  test.each(['VoidFinder', 'V2_REVOLVER', 'V2_VIDE', 'V2_ZOBOV'])('%s in both caps', (finder) => {
    for (const cap of ['NGC', 'SGC']) {
      const matching = Object.values(voids.voids.layouts).map((layout) =>
        matchFile(layout.files, `DESIVAST_BGS_VOLLIM_${finder}_${cap}.fits`),
      )
      expect(matching.filter(Boolean)).toEqual([{ finder, cap }])
    }
  })
})

needs('shared')('the schema that analyses already use', () => {
  const seed = () => readFileSync(`${sharedFolder}/seed/database-schemas-seed.md`, 'utf8')

  /** Lines of a CREATE TABLE as [column, declaration]. */
  function declared(table: string): [string, string][] {
    const body = new RegExp(`CREATE TABLE desi_analysis\\.${table} \\((.*?)\n\\);`, 's').exec(seed())![1]!
    return body
      .trim()
      .split(/,\n/)
      .map((line) => line.trim())
      .filter((line) => !line.startsWith('PRIMARY KEY'))
      .map((line) => [line.split(' ')[0]!, line.slice(line.indexOf(' ') + 1)])
  }

  const spoken: Record<string, string> = {
    bigint: 'BIGINT',
    integer: 'INTEGER',
    serial: 'SERIAL',
    'double precision': 'DOUBLE PRECISION',
    real: 'REAL',
    text: 'TEXT',
    timestamp: 'TIMESTAMP',
  }

  test.each(['fastspecfit_iron', 'desivast_voids', 'void_galaxy_map'])(
    '%s has the same columns first, of the same types, in the same order',
    (table) => {
      const catalog = catalogs.find((each) => each.table === table)!
      const wanted = declared(table)
      expect(wanted.length).toBeGreaterThan(1)
      expect(Object.keys(catalog.columns).slice(0, wanted.length)).toEqual(wanted.map(([name]) => name))
      for (const [name, declaration] of wanted) {
        const column = catalog.columns[name]!
        expect(declaration.startsWith(spoken[column.type]!), `${name} ${declaration}`).toBe(true)
        const notNull = /NOT NULL|PRIMARY KEY/.test(declaration)
        expect(isRequired(catalog, name), name).toBe(notNull || table === 'void_galaxy_map')
        expect(column.default, name).toBe(/DEFAULT (\S+)/.exec(declaration)?.[1])
      }
    },
  )

  test('the indexes have the same names and columns', () => {
    const wanted = [...seed().matchAll(/CREATE INDEX (\w+) ON desi_analysis\.(\w+) \(([^)]*)\)/g)]
    expect(wanted).toHaveLength(4)
    for (const [, index, table, columns] of wanted) {
      const catalog = catalogs.find((each) => each.table === table)!
      expect(catalog.indexes[index!]?.btree, index).toEqual(columns!.split(', '))
    }
    expect(seed()).toContain(`CREATE INDEX ${fastspecfit.sky?.index} ON`)
  })

  test('the vocabulary of void sources holds the known ones', () => {
    const known = /IN \((.*?)\)/
      .exec(seed())![1]!
      .split(', ')
      .map((word) => word.replaceAll("'", ''))
    expect(voids.voids.columns.void_catalog_source!.oneOf).toEqual(expect.arrayContaining(known))
  })
})

// A survey is refused when its catalogues don't fit together, with all the reasons.
import { describe, expect, test } from 'vitest'
import {
  type Catalog,
  defineCatalog,
  defineSurvey,
  environmentColumn,
  findCatalogs,
  int32,
  int64,
  rowNumber,
  vastCatalogs,
  voidCatalogOrder,
  voidSources,
} from '../../src/model/index.ts'

const table = (name: string, more: object = {}) =>
  defineCatalog({
    name,
    title: 'A table',
    columns: { id: int64(rowNumber(), 'Row.'), other: int32(rowNumber(), 'Row again.') },
    key: ['id'],
    ...more,
  }) as unknown as Catalog

const galaxies = table('sky.galaxies')
const voids = vastCatalogs({
  schema: 'sky',
  prefix: 'vast',
  files: 'X_{finder}_{cap:NGC|SGC}.fits',
  galaxies: { catalog: galaxies, key: 'id', ra: 'id', dec: 'id', z: 'id' },
})
const survey = (catalogs: readonly Catalog[]) => () =>
  defineSurvey({ name: 'test', title: 'Test', schema: 'sky', version: '1', catalogs })

describe('a survey', () => {
  test('with a void release is sound in the order that voidCatalogOrder gives, and frozen', () => {
    const made = survey([galaxies, ...voidCatalogOrder(voids)])()
    expect(Object.isFrozen(made)).toBe(true)
    expect(made.catalogs).toHaveLength(11)
  })

  test('is refused with all reasons', () => {
    const stray = table('elsewhere.stray')
    const early = table('sky.early', {
      foreignKeys: [{ columns: ['other'], references: 'sky.galaxiez', key: ['id'] }],
      indexes: { idx: { btree: ['id'] } },
    })
    const loose = table('sky.loose', {
      foreignKeys: [{ columns: ['other'], references: 'sky.galaxies', key: ['other'] }],
      indexes: { idx: { btree: ['id'] } },
    })
    expect(survey([stray, galaxies, early, loose, galaxies])).toThrow(
      [
        'survey "test" has 5 faults:',
        `  elsewhere.stray.name: stands outside the survey's schema "sky"`,
        '  sky.early.foreignKeys: "sky.galaxiez" is not declared before it; did you mean "sky.galaxies"?',
        '  sky.loose.foreignKeys: (other) is neither key nor unique in sky.galaxies',
        '  sky.loose.indexes.idx: is the name of another index of the schema',
        '  sky.galaxies.name: is declared twice',
      ].join('\n'),
    )
  })

  test('names only columns that its galaxies have', () => {
    const galaxiesOf = { ...voids.galaxies, dec: 'oter', properties: { logMass: 'mass' } }
    const faulty = () =>
      defineSurvey({
        ...{ name: 'test', title: 'Test', schema: 'sky', version: '1', catalogs: [galaxies] },
        voids: { ...voids, galaxies: galaxiesOf },
      })
    expect(faulty).toThrow('voids.galaxies.dec: sky.galaxies has no column "oter"; did you mean "other"?')
    expect(faulty).toThrow('voids.galaxies.logMass: sky.galaxies has no column "mass"')
  })

  test('finds its catalogues by table and by qualified name', () => {
    const made = survey([galaxies])()
    expect(findCatalogs([made], 'galaxies')).toEqual([galaxies])
    expect(findCatalogs([made, made], 'sky.galaxies')).toEqual([galaxies, galaxies])
    expect(findCatalogs([made], 'galaxy')).toEqual([])
  })
})

describe('the catalogues of a void release', () => {
  test('declare the four sources as vocabulary, in the map of environments too', () => {
    expect(voids.voids.columns.void_catalog_source?.oneOf).toEqual([...voidSources])
    expect(voids.details.columns.void_catalog_source?.oneOf).toEqual([...voidSources])
    expect(Object.keys(voids.environments.columns).slice(1, -1)).toEqual(voidSources.map(environmentColumn))
  })

  test("tell holes from zones by the file's name", () => {
    expect(voids.voids.layouts.voidfinder?.files).toBe('X_{finder:VoidFinder}_{cap:NGC|SGC}.fits')
    expect(voids.voids.layouts.v2?.files).toBe('X_{finder:V2_REVOLVER|V2_VIDE|V2_ZOBOV}_{cap:NGC|SGC}.fits')
  })

  test('carry a description and a UCD for every physical column', () => {
    for (const catalog of voidCatalogOrder(voids)) {
      for (const [name, column] of Object.entries(catalog.columns)) {
        expect(column.description, `${catalog.name}.${name}`).not.toBe('')
        if (column.unit !== undefined) expect(column.ucd, `${catalog.name}.${name}`).toBeDefined()
      }
    }
  })
})

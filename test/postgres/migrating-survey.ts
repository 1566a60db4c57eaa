// A survey through its versions: what a real release does to a table, small.
import {
  byServer,
  type Catalog,
  type Column,
  defineCatalog,
  defineSurvey,
  float32,
  float64,
  int64,
  type ReadSchema,
  type Survey,
  sameColumns,
  serial,
  text,
} from '../../src/model/index.ts'

const by = byServer('test')
const id = int64(by, 'Identifier.')
const key = { key: ['id'] as const }

function survey(version: string, catalogs: Catalog[], published?: ReadSchema[]): Survey {
  const name = 'growing'
  return defineSurvey({
    name,
    title: 'Growing',
    schema: name,
    version,
    catalogs,
    ...(published ? { published } : {}),
  })
}

const catalog = (definition: unknown) => defineCatalog(definition as never) as unknown as Catalog

const galaxies = (columns: Record<string, Column>, more: object = {}) =>
  catalog({ name: 'growing.galaxies', title: 'Galaxies', columns: { id, ...columns }, ...key, ...more })

const notes = catalog({
  name: 'growing.notes',
  title: 'Notes',
  columns: {
    id: serial(by, 'Number.'),
    galaxy: int64(by, 'Galaxy.', { required: true }),
    note: text(by, 'Text.'),
  },
  ...key,
  foreignKeys: [{ columns: ['galaxy'], references: 'growing.galaxies', key: ['id'] }],
})

/** Version 1: a flux as real, an attenuation AV, notes. */
export const v1 = survey('1', [
  galaxies({
    av: float32(by, 'Attenuation AV.', { unit: 'mag' }),
    flux: float64(by, 'Flux.', { unit: 'Jy' }),
    kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG'] }),
    spare: float64(by, 'Spare.'),
  }),
  notes,
])

/** Version 2: AV becomes TAUV, the vocabulary grows, an index and a unique key come, a column goes. */
export const v2 = survey('2', [
  galaxies(
    {
      tauv: float32(by, 'Optical depth.', { ucd: 'phys.absorption', renamed: 'av' }),
      flux: float32(by, 'Flux.', { unit: 'Jy' }),
      kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG', 'ELG'], required: true }),
      z: float64(by, 'Redshift.', { default: '0' }),
    },
    { indexes: { by_z: { btree: ['z'] } }, unique: [['id', 'kind']] },
  ),
  notes,
])

/** Version 3: the notes go, and their table with them. */
export const v3 = survey('3', [v2.catalogs[0]!])

/** Version 4: a column filled from another, and a read schema. Version 5: the table is divided. */
const filled = { mass: float64(by, 'Mass.', { unit: 'solMass', ucd: 'phys.mass', backfill: 'flux * 2' }) }
const massive = (more: object = {}) =>
  galaxies(
    { ...v2.catalogs[0]!.columns, ...filled },
    { indexes: v2.catalogs[0]!.indexes, unique: [['id', 'kind']], ...more },
  )
const published = (from: Catalog): ReadSchema[] => [
  {
    name: 'growing_v1',
    title: 'version 1',
    readers: [],
    views: { galaxies: { title: 'Galaxies', from, columns: sameColumns(from) } },
  },
]
const whole = massive()
export const v4 = survey('4', [whole], published(whole))
const divided = massive({ partition: { by: 'hash', column: 'id', parts: 2 } })
export const v5 = survey('5', [divided], published(divided))

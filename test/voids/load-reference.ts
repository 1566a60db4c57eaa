// The reference releases and galaxies in the tables of a survey's schema, written row by row.
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import type { Client, CopyValue, CopyWriter } from '../../src/postgres/index.ts'
import { copyRows } from '../../src/voids/bulk-load.ts'
import type { GalaxyBatch, Release } from '../../src/voids/index.ts'

type Field = { [T in keyof CopyValue]: readonly [T, CopyValue[T] | null] }[keyof CopyValue]

async function fill(
  client: Client,
  table: string,
  columns: string[],
  rows: number,
  fieldsOf: (row: number) => readonly Field[],
): Promise<void> {
  const write = (writer: CopyWriter, row: number) => {
    writer.row()
    for (const [type, value] of fieldsOf(row)) writer.value(type, value as never)
  }
  await copyRows(client, `${sdss.schema}.${table}`, columns, [{ rows, write }])
}

export async function storeGalaxies(client: Client, { id, ra, dec, z }: GalaxyBatch): Promise<void> {
  await fill(client, 'galaxies', ['galaxy', 'ra', 'dec', 'z'], id.length, (row) => [
    ['bigint', id[row]!],
    ['real', ra[row]!],
    ['real', dec[row]!],
    ['real', Number.isNaN(z[row]!) ? null : z[row]!],
  ])
}

const orNull = (value: number) => (value < 0 ? null : BigInt(value))

/** Stores a release; voids get their identifiers from the sequence. */
export async function storeRelease(client: Client, release: Release): Promise<void> {
  const { source, cap, cosmology, limits, voids, holes, zones, galaxyZones } = release
  const of = [
    ['text', source],
    ['text', cap],
  ] as const
  const named = ['void_catalog_source', 'cap']
  await client.query(
    `INSERT INTO ${sdss.schema}.vast_releases (void_catalog_source, cap, omega_m, hubble, z_low, z_high)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [source, cap, cosmology.omegaM, cosmology.h, limits.low, limits.high],
  )
  const areas = (row: number): Field[] => [
    ['double precision', voids.totalArea?.[row] ?? null],
    ['double precision', voids.edgeArea?.[row] ?? null],
  ]
  await fill(
    client,
    'vast_voids',
    [
      ...named,
      'ra_center',
      'dec_center',
      'radius',
      'void_index',
      'x',
      'y',
      'z',
      'edge',
      'total_area',
      'edge_area',
    ],
    voids.number.length,
    (row) => [
      ...of,
      ['double precision', 0],
      ['double precision', 0],
      ['real', voids.radius[row]!],
      ['bigint', BigInt(voids.number[row]!)],
      ['double precision', voids.x[row]!],
      ['double precision', voids.y[row]!],
      ['double precision', voids.z[row]!],
      ['smallint', voids.edge?.[row] ?? null],
      ...areas(row),
    ],
  )
  if (holes) {
    const columns = [...named, 'hole_index', 'void_index', 'x', 'y', 'z', 'radius']
    await fill(client, 'vast_holes', columns, holes.radius.length, (row) => [
      ...of,
      ['integer', row],
      ['bigint', BigInt(holes.voidNumber[row]!)],
      ['double precision', holes.x[row]!],
      ['double precision', holes.y[row]!],
      ['double precision', holes.z[row]!],
      ['double precision', holes.radius[row]!],
    ])
  }
  if (!zones || !galaxyZones) return
  await fill(client, 'vast_zones', [...named, 'zone', 'void0', 'void1'], zones.zone.length, (row) => [
    ...of,
    ['bigint', BigInt(zones.zone[row]!)],
    ['bigint', orNull(zones.void0[row]!)],
    ['bigint', orNull(zones.void1[row]!)],
  ])
  const columns = [...named, 'galaxy_index', 'galaxy', 'zone', 'depth', 'edge', 'outside']
  await fill(client, 'vast_galaxy_zones', columns, galaxyZones.zone.length, (row) => [
    ...of,
    ['bigint', BigInt(row)],
    ['bigint', galaxyZones.galaxy[row]!],
    ['bigint', orNull(galaxyZones.zone[row]!)],
    ['integer', galaxyZones.depth[row]! < 0 ? null : galaxyZones.depth[row]!],
    ['smallint', galaxyZones.edge[row]!],
    ['smallint', galaxyZones.out[row]!],
  ])
}

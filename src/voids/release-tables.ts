// The void releases of a survey's database, as columns in memory.
import { AlmagestError, type VoidDeclaration } from '../model/index.ts'
import {
  type Client,
  type CopyBatch,
  type CopyType,
  quoteIdentifier,
  quoteLiteral,
  quoteQualified,
  readCopy,
} from '../postgres/index.ts'
import { type Cosmology, comovingDistance, cosmology } from './cosmology.ts'
import type { HoleTable, Release } from './finder.ts'
import type { Footprint, RedshiftLimits, SkyMask } from './footprint.ts'
import { readMasks } from './stored-masks.ts'
import type { GalaxyZones, ZoneVoids } from './zone-membership.ts'

/** A release, and the database's identifier of each row of its void table. */
export interface StoredRelease {
  readonly release: Release
  readonly voidId: Int32Array
  /** Numbers in the ledger of the release's file and of its mask's; null where there is none. */
  readonly sourceFile: number | null
  readonly maskFile: number | null
}

/**
 * Reads every release that the survey's file table lists.
 * @throws AlmagestError `VOIDS_NOT_LOADED` when it lists none, `VOIDS_MASK_INCOMPLETE`
 */
export async function readReleases(client: Client, voids: VoidDeclaration): Promise<StoredRelease[]> {
  const { rows } = await client.query<{
    source: string
    cap: string
    omega_m: number
    hubble: number
    z_low: number | null
    z_high: number | null
    distance_low: number | null
    distance_high: number | null
    source_file: number | null
  }>(
    `SELECT void_catalog_source AS source, cap, omega_m, hubble, z_low, z_high, distance_low, distance_high, source_file
     FROM ${quoteQualified(voids.releases.name)} ORDER BY void_catalog_source, cap`,
  )
  if (rows.length === 0) {
    throw new AlmagestError(
      'VOIDS_NOT_LOADED',
      'data',
      `${voids.releases.name} lists no void catalogue`,
      'Load the void files first: almagest load FILES.',
    )
  }
  const masks = await readMasks(client, voids)
  const releases: StoredRelease[] = []
  for (const row of rows) {
    const { source, cap, hubble } = row
    const stored = await readVoids(client, voids, source, cap)
    const limits = { low: row.z_low ?? -Infinity, high: row.z_high ?? Infinity }
    // With h = 1 the two units are one; otherwise VAST's lengths are Mpc for that h.
    const model = cosmology({ omegaM: row.omega_m, h: hubble, lengthUnit: hubble === 1 ? 'Mpc/h' : 'Mpc' })
    const mask = masks.get(source)
    const distances = { low: row.distance_low, high: row.distance_high }
    releases.push({
      voidId: stored.voidId,
      sourceFile: row.source_file,
      maskFile: mask?.file ?? null,
      release: {
        ...{ source, cap, voids: stored.voids },
        ...{ cosmology: model, limits },
        ...(mask ? { footprint: footprintOf(mask.mask, model, limits, distances) } : {}),
        ...(await readHoles(client, voids, source, cap)),
        ...(await readZones(client, voids, source, cap)),
      },
    })
  }
  return releases
}

/** The mask between the header's distance limits, or those of its redshift limits where it has none. */
function footprintOf(
  mask: SkyMask,
  model: Cosmology,
  limits: RedshiftLimits,
  distances: { readonly low: number | null; readonly high: number | null },
): Footprint {
  const at = (z: number, otherwise: number) => (Number.isFinite(z) ? comovingDistance(model, z) : otherwise)
  return {
    mask,
    nearest: distances.low ?? at(limits.low, 0),
    farthest: distances.high ?? at(limits.high, Infinity),
  }
}

async function readVoids(client: Client, { voids }: VoidDeclaration, source: string, cap: string) {
  const columns = `void_id, void_index::integer, x::float8, y::float8, z::float8, radius::float8,
    edge::integer, total_area::float8, edge_area::float8`
  const types = [
    ...(['integer', 'integer'] as const),
    ...(['double precision', 'double precision', 'double precision', 'double precision'] as const),
    ...(['integer', 'double precision', 'double precision'] as const),
  ] as const
  const [voidId, number, x, y, z, radius, edge, totalArea, edgeArea] = await readAll(
    client,
    selectOf(columns, voids.name, source, cap, 'void_index'),
    types,
  )
  const known = (column: { nulls: Uint8Array }) => column.nulls.every((isNull) => isNull === 0)
  return {
    voidId: voidId.values,
    voids: {
      number: number.values,
      ...{ x: nanForNull(x), y: nanForNull(y), z: nanForNull(z), radius: nanForNull(radius) },
      ...(known(edge) ? { edge: edge.values } : {}),
      totalArea: nanForNull(totalArea),
      edgeArea: nanForNull(edgeArea),
    },
  }
}

async function readHoles(
  client: Client,
  { holes }: VoidDeclaration,
  source: string,
  cap: string,
): Promise<{ holes?: HoleTable }> {
  const columns = 'void_index::integer, x::float8, y::float8, z::float8, radius::float8'
  const [number, x, y, z, radius] = await readAll(
    client,
    selectOf(columns, holes.name, source, cap, 'hole_index'),
    ['integer', 'double precision', 'double precision', 'double precision', 'double precision'] as const,
  )
  if (number.values.length === 0) return {}
  return {
    holes: { x: x.values, y: y.values, z: z.values, radius: radius.values, voidNumber: number.values },
  }
}

async function readZones(
  client: Client,
  { zones, galaxyZones, galaxies }: VoidDeclaration,
  source: string,
  cap: string,
): Promise<{ zones?: ZoneVoids; galaxyZones?: GalaxyZones }> {
  const [zone, void0, void1] = await readAll(
    client,
    selectOf('zone::integer, void0::integer, void1::integer', zones.name, source, cap, 'zone'),
    ['integer', 'integer', 'integer'] as const,
  )
  if (zone.values.length === 0) return {}
  const columns = `${quoteIdentifier(galaxies.key)}::bigint, zone::integer, depth, edge::integer, outside::integer`
  const [galaxy, galaxyZone, depth, edge, out] = await readAll(
    client,
    selectOf(columns, galaxyZones.name, source, cap),
    ['bigint', 'integer', 'integer', 'integer', 'integer'] as const,
  )
  return {
    zones: { zone: zone.values, void0: minusOneForNull(void0), void1: minusOneForNull(void1) },
    galaxyZones: {
      galaxy: galaxy.values,
      zone: minusOneForNull(galaxyZone),
      depth: minusOneForNull(depth),
      edge: Uint8Array.from(edge.values),
      out: Uint8Array.from(out.values),
    },
  }
}

function selectOf(columns: string, table: string, source: string, cap: string, order?: string): string {
  return `SELECT ${columns} FROM ${quoteQualified(table)}
    WHERE void_catalog_source = ${quoteLiteral(source)} AND cap = ${quoteLiteral(cap)} ${order ? `ORDER BY ${order}` : ''}`
}

/** All rows of a query in one batch. */
async function readAll<const Types extends readonly CopyType[]>(
  client: Client,
  select: string,
  types: Types,
): Promise<CopyBatch<Types>['columns']> {
  const copied = readCopy(client.copyOut(`COPY (${select}) TO STDOUT (FORMAT binary)`), types)
  const batches: CopyBatch<readonly CopyType[]>['columns'][] = []
  for await (const { columns } of copied) batches.push(columns)
  return types.map((type, field) => ({
    type,
    values: concatenate(
      emptyColumn[type]!,
      batches.map((columns) => columns[field]!.values as Float64Array),
    ),
    nulls: concatenate(
      Uint8Array,
      batches.map((columns) => columns[field]!.nulls as never),
    ),
  })) as never
}

type ColumnArray =
  | Float64ArrayConstructor
  | Int32ArrayConstructor
  | BigInt64ArrayConstructor
  | Uint8ArrayConstructor

const emptyColumn: { [T in CopyType]?: ColumnArray } = {
  integer: Int32Array,
  bigint: BigInt64Array,
  'double precision': Float64Array,
}

function concatenate(Column: ColumnArray, parts: readonly Float64Array[]): unknown {
  const whole = new Column(parts.reduce((sum, { length }) => sum + length, 0)) as Float64Array
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function nanForNull({ values, nulls }: { values: Float64Array; nulls: Uint8Array }): Float64Array {
  return values.map((value, row) => (nulls[row] === 1 ? Number.NaN : value))
}

function minusOneForNull({ values, nulls }: { values: Int32Array; nulls: Uint8Array }): Int32Array {
  return values.map((value, row) => (nulls[row] === 1 ? -1 : value))
}

// The real SDSS DR7 galaxies, void catalogues and truth of the reference data folder, as the voids room takes them.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { fileSource, openFits, rowBlocks, storedValues, tableLayout } from '../../src/fits/index.ts'
import {
  cosmology,
  type Footprint,
  type GalaxyBatch,
  healpixMask,
  type Release,
  raDecMask,
  type SkyMask,
} from '../../src/voids/index.ts'
import { sdssFolder } from '../require.ts'

type Column = Float64Array | BigInt64Array

/** All columns of one HDU (E and D become Float64Array, K BigInt64Array), and the primary header's numbers. */
async function readTable(name: string, hduName: string): Promise<(column: string) => Column> {
  const file = await openFits(await fileSource(`${sdssFolder}/${name}`))
  const hdu = hduName === '' ? file.hdus[1]! : file.hdu(hduName)
  const layout = tableLayout(file, hdu)
  const columns = new Map<string, Column>()
  for (const { name, code } of layout.columns) {
    columns.set(name, code === 'K' ? new BigInt64Array(layout.rowCount) : new Float64Array(layout.rowCount))
  }
  for await (const block of rowBlocks(file, layout)) {
    for (const column of layout.columns) {
      const values = storedValues(layout, column, block)
      ;(columns.get(column.name) as Float64Array).set(values as Float64Array, block.firstRow)
    }
  }
  await file.close()
  return (column) => columns.get(column)!
}

async function readCards(name: string): Promise<(keyword: string) => number> {
  const file = await openFits(await fileSource(`${sdssFolder}/${name}`))
  const { header } = file.hdus[0]!
  await file.close()
  return (keyword) => Number(header.get(keyword))
}

const int32 = (column: Column) => Int32Array.from(column as BigInt64Array, Number)
const uint8 = (column: Column) => Uint8Array.from(column as BigInt64Array, Number)
const float64 = (column: Column) => column as Float64Array

/** The 120,606 galaxies; the id is the row, as GALZONE's TARGET has it. */
export async function galaxies(): Promise<GalaxyBatch> {
  const column = await readTable('vollim_dr7_cbp_102709.fits', '')
  const z = float64(column('z'))
  return {
    id: BigInt64Array.from({ length: z.length }, (_, row) => BigInt(row)),
    ra: float64(column('ra')),
    dec: float64(column('dec')),
    z,
  }
}

async function released(file: string, source: string) {
  const card = await readCards(file)
  return {
    source,
    cap: 'NGC',
    cosmology: cosmology({ omegaM: card('OMEGAM'), h: card('HP') }),
    limits: { low: card('ZLIML'), high: card('ZLIMU') },
  }
}

export async function voidFinder(): Promise<Release> {
  const file = 'SDSSDR7_VOLLIM_VoidFinder_NGC.fits'
  const [voids, holes] = [await readTable(file, 'MAXIMALS'), await readTable(file, 'HOLES')]
  return {
    ...(await released(file, 'VoidFinder')),
    voids: {
      number: int32(voids('VOID')),
      ...{ x: float64(voids('X')), y: float64(voids('Y')), z: float64(voids('Z')) },
      radius: float64(voids('R_EFF')),
      edge: int32(voids('EDGE')),
    },
    holes: {
      ...{ x: float64(holes('X')), y: float64(holes('Y')), z: float64(holes('Z')) },
      radius: float64(holes('RADIUS')),
      voidNumber: int32(holes('VOID')),
    },
  }
}

export async function v2(method: 'REVOLVER' | 'VIDE' | 'ZOBOV'): Promise<Release> {
  const file = `SDSSDR7_VOLLIM_V2_${method}_NGC.fits`
  const [voids, zones, galaxies] = [
    await readTable(file, 'VOIDS'),
    await readTable(file, 'ZONEVOID'),
    await readTable(file, 'GALZONE'),
  ]
  return {
    ...(await released(file, `V2_${method}`)),
    voids: {
      number: int32(voids('VOID')),
      ...{ x: float64(voids('X')), y: float64(voids('Y')), z: float64(voids('Z')) },
      radius: float64(voids('RADIUS')),
      totalArea: float64(voids('TOT_AREA')),
      edgeArea: float64(voids('EDGE_AREA')),
    },
    zones: { zone: int32(zones('ZONE')), void0: int32(zones('VOID0')), void1: int32(zones('VOID1')) },
    galaxyZones: {
      galaxy: galaxies('TARGET') as BigInt64Array,
      zone: int32(galaxies('ZONE')),
      depth: int32(galaxies('DEPTH')),
      edge: uint8(galaxies('EDGE')),
      out: uint8(galaxies('OUT')),
    },
  }
}

async function maskBytes(name: string): Promise<Uint8Array> {
  const file = await openFits(await fileSource(`${sdssFolder}/SDSSDR7_VOLLIM_MASKS.fits`))
  const { dataStart, dataSize } = file.hdu(name)
  const bytes = Uint8Array.from(await file.source.read(dataStart, dataStart + dataSize))
  await file.close()
  return bytes
}

export const v2Mask = async (): Promise<SkyMask> => healpixMask(await maskBytes('V2_MASK'), 32)

/** VoidFinder's footprint; the distance limits are those of its header. */
export async function voidFinderFootprint(): Promise<Footprint> {
  const card = await readCards('SDSSDR7_VOLLIM_VoidFinder_NGC.fits')
  return { mask: raDecMask(await maskBytes('VF_MASK')), nearest: card('DLIML'), farthest: card('DLIMU') }
}

/** A truth table: one record of texts per row. */
export function truth(name: string): Record<string, string>[] {
  const [head, ...rows] = gunzipSync(readFileSync(`${sdssFolder}/${name}.csv.gz`))
    .toString()
    .trimEnd()
    .split('\n')
  const names = head!.trimEnd().split(',')
  return rows.map((row) => {
    const cells = row.trimEnd().split(',')
    return Object.fromEntries(names.map((name, i) => [name, cells[i]!]))
  })
}

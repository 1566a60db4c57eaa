// The real files of the reference data: every column and image has the bytes that astropy finds.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  type CardValue,
  decodeColumn,
  type FitsFile,
  fileSource,
  openFits,
  readImage,
  rowBlocks,
  type StoredArray,
  storedValues,
  tableLayout,
} from '../../src/fits/index.ts'
import { needs, sdssFolder } from '../require.ts'

interface Reference {
  cards: Record<string, CardValue>
  blank: string[]
  hdus: {
    name: string
    rows?: number
    columns?: { name: string; unit: string | null; sha256: string; last: string }[]
    shape?: number[]
    sha256?: string
    sum?: number
  }[]
}

const names = [
  'SDSSDR7_VOLLIM_MASKS.fits',
  'SDSSDR7_VOLLIM_V2_REVOLVER_NGC.fits',
  'SDSSDR7_VOLLIM_V2_VIDE_NGC.fits',
  'SDSSDR7_VOLLIM_V2_ZOBOV_NGC.fits',
  'SDSSDR7_VOLLIM_VoidFinder_NGC.fits',
  'vollim_dr7_cbp_102709.fits',
]

/** Bytes of an array in the order of FITS. */
function bigEndian(array: StoredArray): Buffer {
  const bytes = Buffer.from(array.buffer.slice(0) as ArrayBuffer)
  if (array.BYTES_PER_ELEMENT === 2) return bytes.swap16()
  if (array.BYTES_PER_ELEMENT === 4) return bytes.swap32()
  return array.BYTES_PER_ELEMENT === 8 ? bytes.swap64() : bytes
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function checkTable(file: FitsFile, index: number, expected: Reference['hdus'][number]): Promise<void> {
  const layout = tableLayout(file, file.hdus[index]!)
  expect(layout.rowCount).toBe(expected.rows)
  const hashes = layout.columns.map(() => createHash('sha256'))
  let last: string[] = []
  for await (const block of rowBlocks(file, layout, { blockBytes: 300_000 })) {
    for (const column of layout.columns) {
      hashes[column.index]!.update(bigEndian(storedValues(layout, column, block)))
    }
    last = layout.columns.map((column) => String(decodeColumn(layout, column, block).at(-1)))
  }
  for (const [i, column] of expected.columns!.entries()) {
    expect(layout.columns[i]).toMatchObject({
      name: column.name,
      ...(column.unit ? { unit: column.unit } : {}),
    })
    expect(hashes[i]!.digest('hex'), `${expected.name} ${column.name}`).toBe(column.sha256)
    expect(Number(last[i]), `${expected.name} ${column.name}`).toBe(Number(column.last))
  }
}

async function checkImage(file: FitsFile, index: number, expected: Reference['hdus'][number]): Promise<void> {
  const { shape, values } = await readImage(file, file.hdus[index]!)
  expect(shape).toEqual(expected.shape)
  expect(sha256(bigEndian(values))).toBe(expected.sha256)
  expect((values as Uint8Array).reduce((sum, value) => sum + value, 0)).toBe(expected.sum)
}

needs('shared')('the reference data', () => {
  test('has the masks that its README states', async () => {
    const file = await openFits(await fileSource(`${sdssFolder}/SDSSDR7_VOLLIM_MASKS.fits`))
    expect((await readImage(file, file.hdu('VF_MASK'))).shape).toEqual([360, 180])
    // HEALPix of NSIDE 32 has 12 x 32 x 32 pixels.
    expect((await readImage(file, file.hdu('V2_MASK'))).values.length).toBe(12 * 32 * 32)
    await file.close()
  })

  test('has the tables and valueless cards that its README states', async () => {
    const file = await openFits(await fileSource(`${sdssFolder}/SDSSDR7_VOLLIM_VoidFinder_NGC.fits`))
    expect(tableLayout(file, file.hdu('MAXIMALS')).rowCount).toBe(900)
    expect(tableLayout(file, file.hdu('HOLES')).rowCount).toBe(45_252)
    expect([file.hdus[0]!.header.get('OMEGAM'), file.hdus[0]!.header.get('MMR')]).toEqual([0.26, null])
    await file.close()
  })
})

const beside = needs('shared')
beside('the reference data beside astropy', () => {
  needs('astropy')('every file', () => {
    const script = fileURLToPath(new URL('reference_values.py', import.meta.url))
    const text = execFileSync('/usr/bin/python3', [script, sdssFolder], { maxBuffer: 2 ** 26 })
    const reference = JSON.parse(text.toString()) as Record<string, Reference>

    test('is there', () => {
      expect(
        readdirSync(sdssFolder)
          .filter((name) => name.endsWith('.fits'))
          .sort(),
      ).toEqual(names)
      expect(Object.keys(reference).sort()).toEqual(names)
    })

    test.each(names)('%s has the same values', async (name) => {
      const { cards, blank, hdus } = reference[name]!
      const file = await openFits(await fileSource(`${sdssFolder}/${name}`))
      const primary = file.hdus[0]!.header
      for (const [keyword, value] of Object.entries(cards)) expect(primary.get(keyword), keyword).toBe(value)
      for (const keyword of blank) expect(primary.get(keyword), keyword).toBeNull()
      expect(file.hdus.length).toBe(hdus.length)
      for (const [i, expected] of hdus.entries()) {
        if (expected.columns) await checkTable(file, i, expected)
        else if (expected.shape) await checkImage(file, i, expected)
      }
      await file.close()
    })
  })
})

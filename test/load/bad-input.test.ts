// Broken files: each is refused with a typed error that names the place, and nothing of it stays.
import { readFileSync, utimesSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureLedger, loadErrors, loadFiles } from '../../src/load/index.ts'
import type { FaultPlace } from '../../src/model/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { archiveOf, countRows } from './archive.ts'
import { objects, sample, temporaryFolder, writeBytes, writeObjects } from './sample.ts'

const folder = temporaryFolder()
const path = folder.path('sample-north.fits')
let database: ScratchDatabase

beforeAll(async () => {
  database = await archiveOf(sample)
  await ensureLedger(database.client)
})
afterAll(async () => {
  await database.drop()
  folder.remove()
})

interface Refusal {
  readonly code: string
  readonly message: RegExp
  readonly place?: FaultPlace
}

/** Loads a file that must be refused; the ledger must say the same, and no row may stay. */
async function refused(file: string, { code, message, place = {} }: Refusal, noted = true): Promise<void> {
  const error = await loadFiles(database.url, [sample], [file]).catch((reason) => reason)
  expect({ code: error.code, message: error.message, place: error.place }).toEqual({
    code,
    message: expect.stringMatching(message),
    place: expect.objectContaining(place),
  })
  expect(error.hint).toMatch(/\w/)
  expect(await countRows(database, objects)).toBe(0)
  const { rows } = await database.client.query(
    `DELETE FROM almagest.load_file RETURNING state, error ->> 'code' AS code`,
  )
  expect(rows).toEqual(noted ? [{ state: 'failed', code }] : [])
}

test('a missing file', () =>
  refused(
    folder.path('sample-none.fits'),
    { code: 'FITS_FILE_MISSING', message: /sample-none/, place: { file: folder.path('sample-none.fits') } },
    false,
  ))

test('a file that no catalogue knows', () =>
  refused(folder.path('sampel.txt'), { code: 'LOAD_NO_CATALOG', message: /sampel\.txt/ }, false))

test('a file that is not FITS', async () => {
  writeBytes(path, Buffer.from('id,ra,dec\n1,2,3\n'))
  await refused(path, { code: 'FITS_NOT_FITS', message: /id,ra,dec/, place: { file: path } })
})

test('a file that changes while it is being loaded', async () => {
  await writeObjects(path, { id: Array.from({ length: 100 }, (_, i) => i) })
  const changing = loadFiles(database.url, [sample], [path], {
    onProgress: ({ rows }) => rows === 100 && utimesSync(path, new Date(), new Date(Date.now() + 5000)),
  })
  await expect(changing).rejects.toMatchObject({ code: 'FITS_SOURCE_CHANGED', place: { file: path } })
  expect(await countRows(database, objects)).toBe(0)
  await database.client.query('DELETE FROM almagest.load_file')
})

test('a truncated file', async () => {
  await writeObjects(path, { id: Array.from({ length: 2000 }, (_, i) => i) })
  const whole = readFileSync(path)
  writeBytes(path, whole.subarray(0, whole.length - 2880 * 3))
  await refused(path, {
    code: 'FITS_TRUNCATED',
    message: /needs \d+ bytes.* has \d+/,
    place: { file: path, hdu: 'PHOT' },
  })
})

test('a missing HDU', async () => {
  await writeObjects(path, { id: [1], names: ['META', 'FOTO'] })
  await refused(path, {
    code: 'LOAD_HDU_MISSING',
    message: /lacks the HDU PHOT.*has PRIMARY, META, FOTO/,
    place: { file: path, hdu: 'PHOT' },
  })
})

test('a missing column', async () => {
  await writeObjects(path, { id: [1], massColumn: 'MAS' })
  await refused(path, {
    code: 'FITS_COLUMN_MISSING',
    message: /MASS.*MAS/,
    place: { file: path, hdu: 'PHOT', column: 'MASS' },
  })
})

test('misaligned rows, in the last of many', async () => {
  const id = Array.from({ length: 9999 }, (_, i) => 39_627_854_849_247_294n + BigInt(i))
  const physicalId = [...id.slice(0, -1), 5n]
  await writeObjects(path, { id, physicalId })
  await refused(path, {
    code: 'LOAD_MISALIGNED',
    message: /row 9999 has ID 39627854849257292 in META, but 5 in PHOT/,
    place: { file: path, hdu: 'PHOT', row: 9999, column: 'ID', value: '5' },
  })
})

test('HDUs of different length', async () => {
  await writeObjects(path, { id: [1, 2, 3], physicalId: [1, 2] })
  await refused(path, {
    code: 'LOAD_ROWS_DIFFER',
    message: /META has 3 rows and PHOT has 2/,
    place: { file: path, hdu: 'PHOT' },
  })
})

test('a card out of range', async () => {
  await writeObjects(path, { id: [1], cards: [['DEPTH', -3]] })
  await refused(path, {
    code: 'LOAD_CONSTANT_INVALID',
    message: /card DEPTH in PHOT.*-3.*\[0, inf\)/,
    place: { file: path, hdu: 'PHOT', column: 'depth', value: '-3' },
  })
})

test('a name whose part is not in the vocabulary', async () => {
  const west = await writeObjects(folder.path('sample-west.fits'), { id: [1] })
  await refused(west, {
    code: 'LOAD_CONSTANT_INVALID',
    message: /west.*north, south/,
    place: { file: west, column: 'field', value: 'west' },
  })
})

test('two files of one name', async () => {
  await writeObjects(path, { id: [1] })
  const error = await loadFiles(database.url, [sample], [path, path]).catch((reason) => reason)
  expect(error.code).toBe('LOAD_NAMED_TWICE')
})

test('a database without the tables', async () => {
  await using empty = await scratchDatabase()
  await writeObjects(path, { id: [1] })
  const error = await loadFiles(empty.url, [sample], [path]).catch((reason) => reason)
  expect([error.code, error.message]).toEqual([
    'LOAD_TABLE_MISSING',
    expect.stringContaining('loader_sample.objects'),
  ])
})

test('a server that is not there', async () => {
  await writeObjects(path, { id: [1] })
  const error = await loadFiles('postgresql://nobody@127.0.0.1:9/none', [sample], [path]).catch(
    (reason) => reason,
  )
  expect(error.code).toBe('SERVER_REFUSED')
})

test('a bad file ends the run; what was loaded before stays', async () => {
  await writeObjects(path, { id: [1] })
  const south = await writeObjects(folder.path('sample-south.fits'), { id: [1, 2] })
  await expect(loadFiles(database.url, [sample], [path, south])).rejects.toMatchObject({
    code: 'LOAD_DUPLICATE_KEY',
    place: { file: south },
  })
  expect(await countRows(database, objects)).toBe(1)
})

test('every code of the loader has a meaning and a remedy', () => {
  for (const { meaning, remedy } of Object.values(loadErrors)) {
    expect(meaning).toMatch(/\.$/)
    expect(remedy).toMatch(/[.!]$|apply\.$/)
  }
})

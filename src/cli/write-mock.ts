// Writes a survey's mock: its FITS files, block by block, and its truth beside them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packedRowBytes, packRows, type TableToWrite, writeFits } from '../fits/index.ts'
import { type MockFile, type MockHdu, type MockTruth, mockOrigin, type SurveyMock } from '../model/index.ts'

/** Bytes of packed rows made at a time: what bounds the memory of the wide tables. */
const blockBytes = 8 * 1024 * 1024

export interface WrittenMock {
  /** Paths of the FITS files. */
  readonly files: readonly string[]
  readonly truth: MockTruth
}

/**
 * Writes the files and `truth.json` into the folder, which is made if need be. The same options give the same bytes.
 * @param onProgress  file being written, and rows done of all rows of all files and HDUs
 * @throws FitsError when a file can't be written; AlmagestError by the mock for impossible options
 */
export async function writeMock(
  mock: SurveyMock,
  folder: string,
  { galaxies, seed }: { galaxies: number; seed: number },
  onProgress: (file: string, done: number, total: number) => void = () => {},
): Promise<WrittenMock> {
  await mkdir(folder, { recursive: true })
  const { files, truth } = mock.generate({ galaxies, seed })
  const total = files.flatMap((file) => file.hdus).reduce((sum, hdu) => sum + hdu.rowCount, 0)
  const paths: string[] = []
  let done = 0
  for (const file of files) {
    const path = join(folder, file.name)
    await writeOne(path, file, (rows) => onProgress(file.name, (done += rows), total))
    paths.push(path)
  }
  await writeFile(join(folder, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`)
  return { files: paths, truth }
}

function writeOne(path: string, file: MockFile, onRows: (rows: number) => void): Promise<void> {
  const tables = file.hdus.map((hdu) => tableOf(hdu, onRows))
  return writeFits(path, tables, { primary: [['ORIGIN', mockOrigin], ...file.cards] })
}

function tableOf(hdu: MockHdu, onRows: (rows: number) => void): TableToWrite {
  const { name, cards, columns, rowCount } = hdu
  return { name, cards, columns, rowCount, rows: packedBlocks(hdu, onRows) }
}

function* packedBlocks(hdu: MockHdu, onRows: (rows: number) => void): Generator<Uint8Array> {
  const rowsAtATime = Math.max(1, Math.floor(blockBytes / packedRowBytes(hdu.columns)))
  for (let from = 0; from < hdu.rowCount; from += rowsAtATime) {
    const to = Math.min(hdu.rowCount, from + rowsAtATime)
    const values = hdu.values(from, to)
    const columns = hdu.columns.map(({ name, tform }, i) => ({ name, tform, values: values[i]! }))
    yield packRows(columns, 0, to - from)
    onRows(to - from)
  }
}

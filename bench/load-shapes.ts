// FastSpecFit files in other shapes: single HDUs of one file, or of several files joined.
import {
  fileSource,
  openFits,
  rowBlocks,
  type TableToWrite,
  tableLayout,
  writeFits,
} from '../src/fits/index.ts'

/** The two HDUs that hold what people ask for; FASTSPEC, the third, is four fifths of a file. */
export const twoHdus = ['METADATA', 'SPECPHOT']

/** Writes one file with these HDUs only, holding the rows of all the files. */
export async function joinHdus(
  paths: readonly string[],
  hdus: readonly string[],
  to: string,
): Promise<string> {
  const files = await Promise.all(paths.map(async (path) => openFits(await fileSource(path))))
  try {
    const tables = hdus.map((name): TableToWrite => {
      const layouts = files.map((file) => tableLayout(file, file.hdu(name)))
      const rows = (async function* () {
        for (const [i, file] of files.entries()) {
          for await (const { bytes } of rowBlocks(file, layouts[i]!)) yield bytes
        }
      })()
      const rowCount = layouts.reduce((sum, layout) => sum + layout.rowCount, 0)
      return { name, columns: layouts[0]!.columns, rowCount, rows }
    })
    await writeFits(to, tables)
    return to
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}

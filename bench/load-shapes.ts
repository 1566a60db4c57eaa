// FastSpecFit files in other shapes: single HDUs of one file, or of several files joined.
import {
  fileSource,
  openFits,
  rowBlocks,
  type TableLayout,
  type TableToWrite,
  tableLayout,
  writeFits,
} from '../src/fits/index.ts'

/** The two HDUs that hold what people ask for; FASTSPEC, the third, is four fifths of a file. */
export const twoHdus = ['METADATA', 'SPECPHOT']

/**
 * Writes one file with these HDUs only, holding the rows of all the files.
 * @param most  of each file, its first rows
 */
export async function joinHdus(
  paths: readonly string[],
  hdus: readonly string[],
  to: string,
  most = Number.POSITIVE_INFINITY,
): Promise<string> {
  const files = await Promise.all(paths.map(async (path) => openFits(await fileSource(path))))
  try {
    const rowsOf = (layout: TableLayout) => Math.min(layout.rowCount, most)
    const tables = hdus.map((name): TableToWrite => {
      const layouts = files.map((file) => tableLayout(file, file.hdu(name)))
      const rows = (async function* () {
        for (const [i, file] of files.entries()) {
          const layout = layouts[i]!
          for await (const { bytes } of rowBlocks(file, layout, { to: rowsOf(layout) })) yield bytes
        }
      })()
      const rowCount = layouts.reduce((sum, layout) => sum + rowsOf(layout), 0)
      return { name, columns: layouts[0]!.columns, rowCount, rows }
    })
    await writeFits(to, tables)
    return to
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}

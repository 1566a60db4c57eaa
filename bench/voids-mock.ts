// The mock of DESI DR1 in a database, at full size too: its files have only the columns that a catalogue reads.
import { rmSync } from 'node:fs'
import desi from '../catalogs/desi-dr1/index.ts'
import { compareWithTruth } from '../src/cli/demo-check.ts'
import { writeMock } from '../src/cli/write-mock.ts'
import { loadFiles } from '../src/load/index.ts'
import { type MockFile, type MockHdu, type MockTruth, matchFile, sourceIn } from '../src/model/index.ts'
import { applySurvey, type Client, foreignKeys, secondaryIndexes } from '../src/postgres/index.ts'
import { chooseSkyIndex } from '../src/sky/index.ts'

/**
 * Writes and loads the mock's files. Of the thousand columns of the galaxy files only those are written that the
 * catalogue reads: 1 GB rather than 28 at full size, and the same rows in the tables.
 */
export async function loadMock(
  client: Client,
  url: string,
  folder: string,
  galaxies: number,
): Promise<MockTruth> {
  const size = { galaxies, seed: 1 }
  const { files, truth } = desi.mock!.generate(size)
  const mock = { generate: () => ({ files: files.map(narrow), truth }) }
  const written = await writeMock(mock, folder, size)
  const sky = await chooseSkyIndex(client)
  await applySurvey(client, desi, sky)
  await loadFiles(url, [desi], written.files, {
    // A share of the rows is faulty by design; the truth says how many.
    ...{ jobs: 2, maxRejects: galaxies },
    afterwards: (catalog) => ({ indexes: secondaryIndexes(catalog, sky), foreignKeys: foreignKeys(catalog) }),
  })
  rmSync(folder, { recursive: true })
  await client.query('VACUUM ANALYZE')
  return truth
}

/** The columns of a galaxy file that some catalogue reads; a void file as it is. */
function narrow(file: MockFile): MockFile {
  if (!file.name.startsWith('fastspec')) return file
  const [first] = file.hdus
  return { ...file, hdus: file.hdus.map((hdu) => narrowHdu(hdu, first!, columnsRead(file.name, hdu.name))) }
}

function columnsRead(file: string, hdu: string): ReadonlySet<string> {
  return new Set(
    desi.catalogs.flatMap((catalog) =>
      Object.values(catalog.layouts)
        .filter((layout) => matchFile(layout.files, file) && layout.hdus.includes(hdu))
        .slice(0, 1)
        .flatMap((layout) => [
          ...(layout.alignedBy ? [layout.alignedBy] : []),
          ...Object.keys(catalog.columns).flatMap((name) => {
            const source = sourceIn(catalog, layout, name)
            return source.kind === 'fits' && source.hdu === hdu ? [source.column] : []
          }),
        ]),
    ),
  )
}

/** Columns that the first HDU has too are taken from it: what identifies a row is the same in all of them. */
function narrowHdu(hdu: MockHdu, first: MockHdu, read: ReadonlySet<string>): MockHdu {
  const columns = hdu.columns.filter(({ name }) => read.has(name))
  const inFirst = columns.every(({ name }) => first.columns.some((each) => each.name === name))
  const of = inFirst ? first : hdu
  return {
    ...hdu,
    columns,
    values(from, to) {
      const values = of.values(from, to)
      return columns.map(({ name }) => values[of.columns.findIndex((each) => each.name === name)]!)
    },
  }
}

/** One line: whether all counts of the mapped mock are those that its geometry gives. */
export async function truthLine(client: Client, truth: MockTruth): Promise<string> {
  const compared = await compareWithTruth(client, desi, truth)
  const wrong = compared.filter(({ expected, found }) => expected !== found)
  if (wrong.length === 0) return `All ${compared.length} counts of the mapped mock equal its known truth.`
  return `**Wrong**: ${wrong.map(({ what, expected, found }) => `${what}: ${found}, not ${expected}`).join('; ')}`
}

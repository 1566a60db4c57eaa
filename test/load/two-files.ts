// Two sample files whose load is interrupted, and what must hold afterwards: each is there whole or not at all.
import { expect } from 'vitest'
import { loadFiles, readLedger } from '../../src/load/index.ts'
import type { Client } from '../../src/postgres/index.ts'
import { sample, type temporaryFolder, writeObjects } from './sample.ts'

const fields = ['north', 'south']

interface Loadable {
  readonly url: string
  readonly client: Client
}

export interface TwoFiles {
  readonly paths: readonly string[]
  /** The fields whose rows are there, all of them, once. */
  loaded(database: Loadable): Promise<string[]>
  /** Loads what is missing, and only that; then all is there. */
  resume(database: Loadable): Promise<void>
}

export async function twoFiles(
  folder: ReturnType<typeof temporaryFolder>,
  rowsPerFile: number,
): Promise<TwoFiles> {
  const paths: string[] = []
  for (const [i, field] of fields.entries()) {
    const id = Array.from({ length: rowsPerFile }, (_, row) => i * rowsPerFile + row)
    paths.push(await writeObjects(folder.path(`sample-${field}.fits`), { id }))
  }
  const loaded = async ({ client }: Loadable) => {
    const { rows } = await client.query<{ field: string; n: number; ids: number }>(
      `SELECT field, count(*)::int AS n, count(DISTINCT id)::int AS ids FROM loader_sample.objects GROUP BY 1 ORDER BY 1`,
    )
    for (const { n, ids } of rows) expect([n, ids]).toEqual([rowsPerFile, rowsPerFile])
    return rows.map(({ field }) => field)
  }
  const resume = async (database: Loadable) => {
    const before = await loaded(database)
    const { files } = await loadFiles(database.url, [sample], paths)
    expect(files.map(({ outcome }) => outcome)).toEqual(
      fields.map((field) => (before.includes(field) ? 'already loaded' : 'loaded')),
    )
    expect(await loaded(database)).toEqual(fields)
    expect((await readLedger(database.client)).map(({ state }) => state)).toEqual(['loaded', 'loaded'])
  }
  return { paths, loaded, resume }
}

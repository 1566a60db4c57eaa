// The mapping of the mock against plain COPY, by psql and in binary, of the rows that it reads and of those that it writes.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import desi from '../catalogs/desi-dr1/index.ts'
import { type Client, quoteIdentifier, quoteQualified } from '../src/postgres/index.ts'
import { type Mapped, mapInChild } from './voids-child.ts'
import { best, n, s, tableOf, timed } from './voids-text.ts'

const room = 'almagest_bench_voids'
const voids = desi.voids!
const outputs = [voids.map, voids.details, voids.environments, voids.spheres, voids.zoneVoids].map(
  ({ name }) => name,
)
const twin = (name: string) => quoteIdentifier(room, name.split('.')[1]!)

export async function copyPart(client: Client, url: string, folder: string, runs: number): Promise<string> {
  const { key, ra, dec, z, catalog } = voids.galaxies
  const position = [key, ra, dec, z].map((column) => quoteIdentifier(column)).join(', ')
  const file = (name: string) => join(folder, `${name}.bin`)
  const ours: Mapped[] = []
  const times = { bare: [] as number[], keyed: [] as number[] }
  for (let run = 0; run < runs; run++) {
    ours.push(mapInChild(desi, url))
    // The rows to be copied in are made ready outside the measurement.
    for (const name of outputs) copy(url, `${quoteQualified(name)} TO '${file(name)}'`)
    for (const kind of ['bare', 'keyed'] as const) {
      await client.query(`DROP SCHEMA IF EXISTS ${room} CASCADE; CREATE SCHEMA ${room}`)
      const like = kind === 'keyed' ? 'INCLUDING ALL' : ''
      for (const name of outputs)
        await client.query(`CREATE TABLE ${twin(name)} (LIKE ${quoteQualified(name)} ${like})`)
      await client.query('CHECKPOINT')
      times[kind].push(
        timed(() => {
          copy(url, `(SELECT ${position} FROM ${quoteQualified(catalog.name)}) TO '${file('galaxies')}'`)
          for (const name of outputs) copy(url, `${twin(name)} FROM '${file(name)}'`)
        }),
      )
    }
    for (const name of [...outputs, 'galaxies']) rmSync(file(name))
  }
  await client.query(`DROP SCHEMA ${room} CASCADE`)
  const { rows } = await client.query<{ galaxies: number; holes: number; voids: number }>(
    `SELECT (SELECT count(*)::float8 FROM ${quoteQualified(catalog.name)}) AS galaxies,
       (SELECT count(*)::float8 FROM ${quoteQualified(voids.holes.name)}) AS holes,
       (SELECT count(*)::float8 FROM ${quoteQualified(voids.voids.name)}) AS voids`,
  )
  const size = rows[0]!
  const own = best(ours.map(({ seconds }) => seconds))
  const written = Object.values(ours[0]!.rows).reduce((sum, each) => sum + each, 0)
  const row = (what: string, seconds: number) => [what, s(seconds), (own / seconds).toFixed(2)]
  return [
    '### A mock of DESI DR1, against plain COPY',
    `${n(size.galaxies)} galaxies, ${n(size.holes)} holes, ${n(size.voids)} voids; ${n(written)} rows written, ${n(ours[0]!.rows.spheres)} of them for galaxies in effective-radius spheres. Plain COPY is psql, in binary: identifier, position and redshift of all galaxies out, the rows that the mapping wrote in. The mapping checks foreign keys besides, and gathers statistics.`,
    tableOf(
      ['', 'time', "the mapping's time over it"],
      [
        row('`almagest map-voids`', own),
        row('COPY out, COPY into tables with the same keys, indexes and checks', best(times.keyed)),
        row('COPY out, COPY into bare tables', best(times.bare)),
      ],
    ),
    `Memory of the mapping process, threads included: ${Math.max(...ours.map(({ megabytes }) => megabytes)).toFixed(0)} MB at most.`,
  ].join('\n\n')
}

function copy(url: string, what: string): void {
  execFileSync('psql', ['-qX', '-v', 'ON_ERROR_STOP=1', url, '-c', `\\copy ${what} (format binary)`], {
    stdio: 'inherit',
  })
}

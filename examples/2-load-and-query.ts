// Writes a small mock of DESI DR1, loads it, and asks for galaxies around a position.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import desi, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import { openArchive } from '../src/cli/archive.ts'
import { writeMock } from '../src/cli/write-mock.ts'
import { loadFiles } from '../src/load/index.ts'
import { applySurvey } from '../src/postgres/index.ts'
import { cone } from '../src/sky/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-example-'))
await using archive = await openArchive({ instance: 'examples' })
await applySurvey(archive.client, desi, archive.sky)

const mock = await writeMock(desi.mock!, folder, { galaxies: 5000, seed: 1 })
const loaded = await loadFiles(archive.server, [desi], mock.files)
rmSync(folder, { recursive: true })
console.log(`${loaded.rowsRead} rows read, ${loaded.rowsLoaded} loaded, ${loaded.rowsRejected} rejected`)

const galaxies = archive
  .from(fastspecfit)
  .only('void_sample')
  .within(cone({ ra: 194.95, dec: 27.98, radius: 5 })) // degrees, always
  .pick('targetid', 'ra', 'dec', 'z', 'logmstar')
  .orderBy('z')
console.log(galaxies.sql().text)
console.table((await galaxies.rows(archive.client)).slice(0, 5))

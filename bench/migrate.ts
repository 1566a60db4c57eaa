// Migrations: who waits while they run, and what drift is found; writes its section of docs/benchmarks.md.
//   npm run bench:migrate -- [--rows 1000000] [--only blocking,drift] [--dry]
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbedded, stopEmbedded } from '../src/postgres/index.ts'
import { blocking } from './migrate-blocking.ts'
import { driftTable } from './migrate-drift.ts'
import { cores, writeSection } from './page.ts'

const { values: given } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'blocking,drift' },
    dry: { type: 'boolean', default: false },
  },
})
const scratch = mkdtempSync(join(tmpdir(), 'almagest-bench-migrate-'))
// As root the server runs as another user, who must get to its folder.
chmodSync(scratch, 0o755)
const home = join(scratch, 'home')

try {
  const { connectionUrl } = await startEmbedded({ home })
  const parts: Record<string, () => Promise<string>> = {
    blocking: () => blocking(connectionUrl, scratch, Number(given.rows)),
    drift: () => driftTable(connectionUrl, scratch),
  }
  const texts: string[] = []
  for (const name of given.only.split(',')) {
    texts.push(await parts[name]!())
    console.log(`${texts.at(-1)}\n`)
  }
  if (!given.dry) write(texts)
} finally {
  await stopEmbedded({ home })
  rmSync(scratch, { recursive: true, force: true })
}

function write(texts: readonly string[]): void {
  const about = `Measured on ${cores()}, Node ${process.versions.node}, the embedded PostgreSQL, by \`npm run bench:migrate\`.`
  writeSection('migrate', 'Migrations', [about, ...texts])
}

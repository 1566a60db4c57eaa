// The examples run, in order, on one database.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ScratchDatabase, scratchDatabase } from './postgres/scratch.ts'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const shows: Record<string, readonly string[]> = {
  '1-declare-a-catalogue.ts': [
    'CREATE INDEX "distant_quasars"',
    'did you mean "meta.id"?',
    'did you mean "deg"?',
  ],
  '2-load-and-query.ts': ['rows read', '"z" >= ', 'targetid'],
  '3-void-galaxies.ts': ['VoidFinder', 'void_interior', 'wall'],
}

describe('examples', () => {
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await scratchDatabase()
  })
  afterAll(() => database.drop())

  const files = readdirSync(join(checkout, 'examples'))
    .filter((name) => name.endsWith('.ts'))
    .sort()
  test.each(files)('%s', (name) => {
    const tsx = join(checkout, 'node_modules/tsx/dist/cli.mjs')
    const { stdout, stderr, status } = spawnSync(process.execPath, [tsx, join(checkout, 'examples', name)], {
      env: { ...process.env, DATABASE_URL: database.url },
      encoding: 'utf8',
    })
    expect(status, stderr).toBe(0)
    for (const text of shows[name] ?? [`an expectation for ${name}`]) expect(stdout).toContain(text)
  })
})

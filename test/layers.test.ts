// The import rules are really checked: a forbidden import anywhere makes the script fail and is named.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const command = [join(checkout, 'node_modules/tsx/dist/cli.mjs'), join(checkout, 'scripts/layers.ts')]

describe('layers', () => {
  test('hold in this checkout', () => {
    expect(execFileSync(process.execPath, command, { encoding: 'utf8' })).toContain('layers hold')
  })

  test.each([
    [
      'src/model/unit.ts',
      "import type { Client } from '../postgres/index.ts'",
      '"model" may not import "postgres"',
    ],
    ['src/postgres/ddl.ts', "import { cone } from '../sky/index.ts'", '"postgres" may not import "sky"'],
    ['src/load/plan.ts', "import { unitFault } from '../model/unit.ts'", 'a room is entered by its index.ts'],
    ['src/load/late.ts', "await import('../sky/index.ts')", '"load" may not import "sky"'],
    ['src/fits/card.ts', "import pg from 'pg'", '"fits" may not import this package'],
    [
      'catalogs/dummy/index.ts',
      "import { connect } from '../../src/postgres/index.ts'",
      'a catalogue imports the model',
    ],
    ['src/voids/map.ts', 'console.log(1)', 'only the command line and the services write to the outside'],
    ['src/misc/a.ts', 'export {}', 'room "misc" has no rule'],
    ['src/model/a.ts', "import './a.ts'", 'import cycle'],
  ])('%s with «%s» is refused', (file, line, complaint) => {
    const root = mkdtempSync(join(tmpdir(), 'almagest-layers-'))
    try {
      for (const folder of ['src', 'catalogs', dirname(file)])
        mkdirSync(join(root, folder), { recursive: true })
      writeFileSync(join(root, file), `${line}\n`)
      const { status, stderr } = spawnSync(process.execPath, [...command, root], { encoding: 'utf8' })
      expect(stderr).toContain(complaint)
      expect(status).toBe(1)
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

// Migrations killed at any moment: the next command finds one of the two states of the step, and goes on or back.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  fingerprintHash,
  inspectSchema,
  migrateTo,
  readMigrations,
  writeNewMigrations,
} from '../../src/postgres/index.ts'
import { rowHashes } from '../../src/postgres/migrate/row-hashes.ts'
import { v1, v2, v3, v4, v5 } from './migrating-survey.ts'
import { type ScratchDatabase, scratchDatabase, scratchServer } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
/** 50 in the nightly run. */
const points = Number(process.env.ALMAGEST_KILLS ?? 8)
const root = mkdtempSync(join(tmpdir(), 'almagest-kill-'))
const folder = join(root, 'growing')
let database: ScratchDatabase

beforeAll(async () => {
  await writeNewMigrations(scratchServer(), choose, v1, folder, 'first')
  await writeNewMigrations(scratchServer(), choose, v2, folder, 'tauv')
  await writeNewMigrations(scratchServer(), choose, v3, folder, 'no_notes')
  await writeNewMigrations(scratchServer(), choose, v4, folder, 'mass')
  await writeNewMigrations(scratchServer(), choose, v5, folder, 'divided')
  database = await scratchDatabase()
  await migrateTo(database.client, v1, plain, folder, '0001')
  await database.client.query(`
    INSERT INTO growing.galaxies SELECT i, i * 0.1, i * 0.123456789, 'BGS', i FROM generate_series(1, 6000) i;
    INSERT INTO growing.notes (galaxy, note) SELECT i, 'note ' || i FROM generate_series(1, 2000) i`)
})
afterAll(async () => {
  await database.drop()
  rmSync(root, { recursive: true })
})

/** Runs the child and kills it after so many steps and milliseconds. @returns the steps it told */
async function migrateAndKill(steps: number, delay: number): Promise<string[]> {
  const script = fileURLToPath(new URL('migrating-child.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, database.url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const told: string[] = []
  for await (const line of createInterface(child.stdout)) {
    told.push(line)
    if (told.length === steps) void sleep(delay).then(() => child.kill('SIGKILL'))
  }
  await exit
  expect(child.signalCode).toBe('SIGKILL')
  return told
}

describe('a killed migration', () => {
  const spread = Array.from({ length: points }, (_, i) => [1 + ((i * 5) % 22), (i * 7) % 40] as const)
  test.each(spread)('after %i steps and %i ms', async (steps, delay) => {
    const { client } = database
    const facts = await inspectSchema(client, 'growing')
    const before = await rowHashes(client, 'growing', facts)
    const told = await migrateAndKill(steps, delay)
    expect(told.length).toBeGreaterThanOrEqual(steps)
    // The next command: to whatever version it is told, here to where it is.
    const { to } = await migrateTo(client, v5, plain, folder, (current) => current)
    const states = readMigrations(folder).map(({ after }) => after)
    expect(fingerprintHash(await inspectSchema(client, 'growing'))).toBe(states[Number(to) - 1])
    expect((await client.query("SELECT FROM almagest.migration WHERE state = 'running'")).rowCount).toBe(0)
    await migrateTo(client, v5, plain, folder, '0001', { verifiedBackup: 'scratch' })
    expect(await inspectSchema(client, 'growing')).toEqual(facts)
    expect(await rowHashes(client, 'growing', facts)).toEqual(before)
    const kept = await client.query("SELECT FROM pg_namespace WHERE nspname LIKE 'almagest_kept%'")
    expect(kept.rowCount).toBe(0)
  })
})

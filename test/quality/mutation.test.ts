// Every kind of check finds the faults of its file under faults/, names them and says where; clean data raise no alarm.
import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loadCheckKinds,
  makeProfile,
  type Report,
  runChecks,
  storeProfile,
  tableFacts,
} from '../../src/quality/index.ts'
import type { InjectedFault } from './fault.ts'
import { galaxies, loadedSample, tables } from './sample.ts'

const kinds = await loadCheckKinds()
const folder = new URL('faults/', import.meta.url)
const kindsWithFaults = readdirSync(folder).map((name) => name.replace(/\.ts$/, ''))
const faultsOf = async (kind: string): Promise<readonly InjectedFault[]> =>
  (await import(new URL(`${kind}.ts`, folder).href)).faults
const faults = Object.fromEntries(
  await Promise.all(kindsWithFaults.map(async (kind) => [kind, await faultsOf(kind)] as const)),
)
const spoilt = 'source_file = 1 AND source_row = 17'
let sample: Awaited<ReturnType<typeof loadedSample>>

beforeAll(async () => {
  sample = await loadedSample(1, { constraints: false })
  const facts = await tableFacts(sample.client, galaxies)
  await storeProfile(
    sample.client,
    await makeProfile(sample.client, galaxies, facts!, { name: 'reference', version: 'test' }),
  )
})
afterAll(() => sample?.remove())

const told = ({ results }: Report) =>
  results
    .filter(({ state }) => state !== 'pass')
    .map(({ name, state, message }) => `${state} ${name}: ${message}`)

test.each([2, 3])('clean data raise no alarm (seed %i)', async (seed) => {
  const clean = await loadedSample(seed)
  try {
    const report = await runChecks(clean.client, kinds, tables)
    expect(told(report).filter((line) => !line.startsWith('skipped'))).toEqual([])
    expect(report.outcome).toBe('pass')
    expect(report.totals.pass).toBeGreaterThan(50)
  } finally {
    await clean.remove()
  }
})

describe.each(kindsWithFaults)('faults for %s', (kind) => {
  test.each([...faults[kind]!])('$check: $what', async ({ check, sql, says, row }) => {
    const { client } = sample
    const { rows } = await client.query<{ id: bigint; name: string }>(
      `SELECT id, name FROM quality_sample.galaxies JOIN almagest.load_file ON file_id = source_file WHERE ${spoilt}`,
    )
    await client.query('BEGIN')
    try {
      await client.query(sql.replaceAll('$row', spoilt))
      const report = await runChecks(client, kinds, tables, { only: [check.split(':')[0]!] })
      const found = report.results.find(
        ({ name, state }) => name === check && (state === 'fail' || state === 'warn'),
      )
      expect(found, told(report).join('\n')).toBeDefined()
      if (says) expect(found!.message).toMatch(says)
      if (row) {
        const shown = found!.rows.find((each) => each.values.id === String(rows[0]!.id))
        expect(shown).toMatchObject({ file: rows[0]!.name, row: 17 })
        expect(['META', 'PHOT']).toContain(shown!.hdu)
      }
    } finally {
      await client.query('ROLLBACK')
    }
  })

  test('are three or more, all its own', () => {
    expect(faults[kind]!.length).toBeGreaterThanOrEqual(3)
    expect(faults[kind]!.filter(({ check }) => check.split(':')[0] !== kind)).toEqual([])
  })
})

test('every kind has its file of faults, and every file its kind', () => {
  expect(kindsWithFaults.sort()).toEqual([...kinds.keys()].sort())
})

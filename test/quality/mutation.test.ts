// Every kind of check finds the faults it is for, names them and says where; clean data raise no alarm.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loadCheckKinds,
  makeProfile,
  type Report,
  runChecks,
  storeProfile,
  tableFacts,
} from '../../src/quality/index.ts'
import { faults } from './faults.ts'
import { galaxies, loadedSample, tables } from './sample.ts'

const kinds = await loadCheckKinds()
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

describe('faults', () => {
  test.each([...faults])('$check: $what', async ({ check, sql, says, row }) => {
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

  test('three or more are injected for every kind', () => {
    const counts = new Map([...kinds.keys()].map((name) => [name, 0]))
    for (const { check } of faults) counts.set(check.split(':')[0]!, counts.get(check.split(':')[0]!)! + 1)
    expect([...counts].filter(([, number]) => number < 3)).toEqual([])
  })
})

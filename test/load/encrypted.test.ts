// Encrypted columns: sealed before they are sent, opened by their keys alone, and in no log of the server.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportCatalog } from '../../src/export/index.ts'
import { writeFits } from '../../src/fits/index.ts'
import { addKey, openKeys, openValue } from '../../src/keys/index.ts'
import { loadFiles } from '../../src/load/index.ts'
import {
  defineCatalog,
  defineSurvey,
  encrypted,
  fileNumber,
  float64,
  fromHdu,
  int32,
  int64,
  text,
} from '../../src/model/index.ts'
import { applySurvey, surveyDifferences } from '../../src/postgres/index.ts'
import { loadCheckKinds, runChecks } from '../../src/quality/index.ts'
import { embeddedCluster, type OwnCluster } from '../access/cluster.ts'
import { plainSky } from './archive.ts'
import { table, temporaryFolder } from './sample.ts'

const targets = defineCatalog({
  name: 'sealed.targets',
  title: 'Targets with secrets',
  columns: {
    ...fromHdu('T', {
      id: int64('ID', 'Target.'),
      proposer: encrypted(text('PROPOSER', 'Who proposed it.', { oneOf: ['Vesta Mirabilis', 'Ceres', ''] })),
      period: encrypted(float64('PERIOD', 'Period.', { unit: 'd', range: { from: 0 } })),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['id'],
  layouts: { one: { files: 'sealed-*.fits', hdus: ['T'] } },
})
const survey = defineSurvey({
  name: 'sealed',
  title: 'Sealed',
  schema: 'sealed',
  version: '1',
  catalogs: [targets as never],
})
const folder = temporaryFolder()
process.env.ALMAGEST_TEST_SEALING = addKey('')
const keys = openKeys('env:ALMAGEST_TEST_SEALING')
afterAll(() => folder.remove())

async function write(name: string, proposer: readonly string[], period: readonly number[]) {
  const path = folder.path(name)
  await writeFits(path, [
    table(
      'T',
      [
        { name: 'ID', tform: 'K', values: BigInt64Array.from(period, (_, i) => BigInt(i + 1)) },
        { name: 'PROPOSER', tform: '20A', values: [...proposer] },
        { name: 'PERIOD', tform: 'D', values: Float64Array.from(period) },
      ],
      period.length,
    ),
  ])
  return path
}

describe('an encrypted column', () => {
  let cluster: OwnCluster
  beforeAll(async () => {
    cluster = await embeddedCluster({
      log_statement: 'all',
      log_min_messages: 'debug1',
      log_min_duration_statement: '0',
    })
    await applySurvey(cluster.client, survey, plainSky)
  })
  afterAll(() => cluster.stop())

  test('is bytes to the server, opens to the file’s values, and stays NULL where the file has none', async () => {
    const path = await write(
      'sealed-1.fits',
      ['Vesta Mirabilis', 'Ceres', '', 'Juno'],
      [1.25, Number.NaN, -0, 7],
    )
    const { rowsLoaded, rowsRejected } = await loadFiles(cluster.url, [survey], [path], { keys })
    expect([rowsLoaded, rowsRejected]).toEqual([3, 1])
    const { rows } = await cluster.client.query<{ proposer: Buffer; period: Buffer | null; type: string }>(
      'SELECT proposer, period, pg_typeof(proposer)::text AS type FROM sealed.targets ORDER BY id',
    )
    const { proposer, period } = targets.columns
    expect(rows.map((row) => row.type)).toEqual(['bytea', 'bytea', 'bytea'])
    expect(rows.map((row) => openValue(keys, 'sealed.targets.proposer', proposer, row.proposer))).toEqual([
      'Vesta Mirabilis',
      'Ceres',
      '',
    ])
    expect(rows.map((row) => openValue(keys, 'sealed.targets.period', period, row.period))).toEqual([
      1.25,
      null,
      -0,
    ])
    const report = await runChecks(cluster.client, await loadCheckKinds(), [
      { survey, catalog: targets as never },
    ])
    expect(report.results.filter(({ state }) => ['fail', 'error'].includes(state))).toEqual([])
    expect(await surveyDifferences(cluster.client, survey, plainSky)).toEqual([])
  })

  test('shows nothing of a value that breaks its rule', async () => {
    const path = await write('sealed-2.fits', ['Pallas Occulta', 'Ceres'], [1, -123.456])
    await loadFiles(cluster.url, [survey], [path], { keys }).catch(() => {})
    const { rows } = await cluster.client.query('SELECT r::text AS row FROM almagest.load_reject r')
    const all = rows.map(({ row }) => row).join('\n')
    expect(all).toMatch(/vocabulary.*\n?.*/)
    expect(all).toContain('(encrypted)')
    expect(all).not.toMatch(/Pallas|Juno|123\.456/)
  })

  test('reaches no log, and neither does its key', () => {
    const logs = readdirSync(join(cluster.folder, 'data')).filter((name) => name.endsWith('.log'))
    const log = logs.map((name) => readFileSync(join(cluster.folder, 'data', name), 'latin1')).join('\n')
    expect(log).toMatch(/COPY "sealed"\."targets"/)
    expect(log).not.toMatch(/Vesta|Mirabilis|Ceres|Pallas/)
    expect(log).not.toContain(keys.current.bytes.toString('base64').slice(0, 20))
    expect(log).not.toContain(keys.current.bytes.toString('hex').slice(0, 20))
  })

  test('is not loaded without keys, and not exported', async () => {
    const path = await write('sealed-3.fits', ['Ceres'], [1])
    await expect(loadFiles(cluster.url, [survey], [path])).rejects.toMatchObject({
      code: 'LOAD_KEYS_MISSING',
    })
    const out = folder.path('out.fits')
    await expect(exportCatalog(cluster.client, targets as never, { out })).rejects.toMatchObject({
      code: 'EXPORT_ENCRYPTED',
    })
  })
})

test('nothing can be searched or made by the server from what it cannot read', () => {
  const wrong = () =>
    defineCatalog({
      name: 'sealed.wrong',
      title: 'Wrong',
      columns: fromHdu('T', {
        id: encrypted(int64('ID', 'Target.')),
        mass: encrypted(float64('M', 'Mass.', { sensitivity: 'restricted', mask: { decimals: 1 } })),
        name: encrypted(text('N', 'Name.', { default: "'x'" })),
      }),
      key: ['id'],
      indexes: { by_mass: { btree: ['mass'] } },
      selections: { heavy: (c) => [c.mass.between(1, 2)] },
    })
  const problem = (() => {
    try {
      wrong()
    } catch (error) {
      return (error as Error).message
    }
  })()
  expect(problem).toMatch(/key: "id" is encrypted/)
  expect(problem).toMatch(/indexes\.by_mass: "mass" is encrypted/)
  expect(problem).toMatch(/selections\.heavy: "mass" is encrypted/)
  expect(problem).toMatch(/columns\.mass\.encrypts: only the mask "null"/)
  expect(problem).toMatch(/columns\.name\.encrypts: the server cannot make/)
})

// Published numbers hold of a release's files: of some or all of them, but not of a mock or of another version.
import { afterAll, beforeAll, expect, test } from 'vitest'
import desi from '../../catalogs/desi-dr1/index.ts'
import { type Catalog, type Expectations, matchFile, mockOrigin } from '../../src/model/index.ts'
import { type CheckResult, loadCheckKinds, runChecks } from '../../src/quality/index.ts'
import { galaxies, loadedSample, survey, voids } from './sample.ts'

const kinds = await loadCheckKinds()
const only = ['row-count', 'scaling-relation', 'mass-function', 'void-statistics']
let sample: Awaited<ReturnType<typeof loadedSample>>
let files: { id: number; name: string; bytes: number; rows: number }[]

beforeAll(async () => {
  sample = await loadedSample(11, { constraints: false })
  const { rows } = await sample.client.query<(typeof files)[number]>(
    `SELECT file_id AS id, name, bytes::float8, rows_loaded::float8 AS rows FROM almagest.load_file
     JOIN almagest.load_table USING (file_id) WHERE name LIKE 'galaxies%' OR name LIKE 'voids%' ORDER BY 1`,
  )
  files = rows
})
afterAll(() => sample?.remove())

/** The sample as a release: its numbers are those of these files, and of `more` files that are not loaded. */
function released(more: readonly string[] = []) {
  const published = [...files, ...more.map((name) => ({ name, bytes: 2880, rows: 5 }))]
  const numbersOf = (pattern: RegExp, value: 'bytes' | 'rows') =>
    Object.fromEntries(
      published.filter(({ name }) => pattern.test(name)).map((each) => [each.name, each[value]]),
    )
  const all = <T extends object>(release: string, list: readonly T[] = []) =>
    list.map((each) => ({ ...each, release }))
  const { expect: told = {} } = galaxies.quality as { expect?: Expectations }
  const pattern = 'galaxies-hp{pixel}.fits'
  const ofGalaxies = {
    ...galaxies,
    quality: {
      expect: {
        'row-count': { files: numbersOf(/^galaxies/, 'rows'), source: 'the generator' },
        'scaling-relation': all(pattern, told['scaling-relation']),
        'mass-function': all(pattern, told['mass-function']),
      },
    },
  } as unknown as Catalog
  const ofVoids = {
    ...voids,
    quality: {
      expect: {
        'row-count': { files: numbersOf(/^voids/, 'rows'), source: 'the generator' },
        'void-statistics': { ...voids.quality!.expect!['void-statistics']!, release: 'voids.fits' },
      },
    },
  } as unknown as Catalog
  const folders = [{ path: 'all/', checksums: 'sums', files: numbersOf(/./, 'bytes') }]
  const release = { baseUrl: 'https://example.org/', folders }
  return [ofGalaxies, ofVoids].map((catalog) => ({ survey: { ...survey, release }, catalog }))
}

async function told(sql = 'SELECT 1', tables = released()): Promise<Record<string, CheckResult>> {
  const { client } = sample
  await client.query('BEGIN')
  try {
    await client.query(sql)
    const { results } = await runChecks(client, kinds, tables, { only })
    const of = ({ catalog, name }: CheckResult) => `${catalog.split('.')[1]} ${name.split(':')[0]}`
    const wanted = results.filter(({ name }) => name !== 'row-count:files')
    return Object.fromEntries(wanted.map((result) => [of(result), result]))
  } finally {
    await client.query('ROLLBACK')
  }
}

const statesOf = (results: Record<string, CheckResult>) => [
  ...new Set(Object.values(results).map(({ state }) => state)),
]
const g = 'quality_sample.galaxies'
const number = () => files.filter(({ name }) => name.startsWith('galaxies')).length

test('a whole release has its published numbers', async () => {
  const results = await told()
  expect(Object.keys(results)).toHaveLength(5)
  expect(statesOf(results)).toEqual(['pass'])
  expect(results['galaxies row-count']!.message).toBe(
    `all ${number()} files of the release are loaded, 4000 rows as published`,
  )
})

test.each([
  [
    'a row lost',
    `DELETE FROM ${g} WHERE source_file = 1 AND source_row = 17`,
    /\.fits has \d+ rows, \d+ were/,
  ],
  [
    'a row twice',
    `INSERT INTO ${g} SELECT * FROM ${g} WHERE source_file = 1 AND source_row = 17`,
    /\.fits has \d+ rows/,
  ],
  ['a file emptied', `DELETE FROM ${g} WHERE source_file = 1`, /\.fits has 0 rows/],
  [
    'a row refused at the load',
    `DELETE FROM ${g} WHERE source_file = 1 AND source_row = 17;
     UPDATE almagest.load_table SET rows_loaded = rows_loaded - 1, rows_rejected = 1, rejects_by_rule = '{"range": 1}'
     WHERE file_id = 1 AND table_name = '${g}'`,
    /1 were refused/,
  ],
  [
    'a file of another size among those of the release',
    'UPDATE almagest.load_file SET bytes = bytes + 2880 WHERE file_id = 1',
    /has \d+ bytes, the released one \d+/,
  ],
])('%s is found in a whole release', async (_, sql, says) => {
  const found = (await told(sql))['galaxies row-count']!
  expect(found).toMatchObject({ state: 'fail', message: expect.stringMatching(says) })
})

test('relations, fractions and voids are held against the numbers of a whole release', async () => {
  const results = await told(`UPDATE ${g} SET sfr = sfr * 1e9, mass = mass - 0.6;
    UPDATE quality_sample.voids SET radius = radius / 0.7`)
  for (const name of ['galaxies scaling-relation', 'galaxies mass-function', 'voids void-statistics'])
    expect(results[name]!.state).toBe('fail')
})

test('rows of other files change nothing', async () => {
  const results = await told(`INSERT INTO ${g} (id, ra, dec, mass, sfr, source_file)
      SELECT n, n / 100.0, 0, 11.9, 1e-5, 99 FROM generate_series(1, 3000) AS n;
    INSERT INTO quality_sample.voids (void_index, finder, radius, source_file) SELECT 1000 + n, 'A', 99, 99 FROM generate_series(1, 300) AS n`)
  expect(statesOf(results)).toEqual(['pass'])
})

test('of a part of a release each file is counted, and what needs all of it is skipped', async () => {
  const tables = released(['galaxies-hp98.fits', 'galaxies-hp99.fits'])
  const part = `${number()} of ${number() + 2} files of the release are loaded`
  const results = await told('SELECT 1', tables)
  expect(results['galaxies row-count']).toMatchObject({
    state: 'pass',
    message: `${part}, 4000 rows as published`,
  })
  for (const name of ['scaling-relation', 'mass-function'])
    expect(results[`galaxies ${name}`]).toMatchObject({ state: 'skipped', message: part })
  const lost = await told(`DELETE FROM ${g} WHERE source_file = 1 AND source_row = 17`, tables)
  expect(lost['galaxies row-count']!.state).toBe('fail')
})

test.each([
  ['a mock', `UPDATE almagest.load_file SET header = header || '{"ORIGIN": "${mockOrigin}"}'`, /a mock's/],
  ['another version', 'UPDATE almagest.load_file SET bytes = bytes + 2880', /bytes, the released one/],
])('%s is not held against the numbers of the release', async (_, sql, says) => {
  const results = await told(`${sql}; DELETE FROM ${g} WHERE source_file = 1 AND source_row < 9`)
  expect(statesOf(results)).toEqual(['skipped'])
  for (const { message } of Object.values(results)) expect(message).toMatch(says)
})

test('a row that stands in the table already is not lost where the catalogue says so', async () => {
  const leftOut = `DELETE FROM ${g} WHERE source_file = 1 AND source_row = 17;
    UPDATE almagest.load_table SET rows_loaded = rows_loaded - 1, rows_rejected = 1,
      rejects_by_rule = '{"duplicate-key": 1}' WHERE file_id = 1 AND table_name = '${g}'`
  expect((await told(leftOut))['galaxies row-count']!.state).toBe('fail')
  const duplicates = { keep: 'first', reason: 'files overlap' } as const
  const tables = released().map(({ survey, catalog }) => ({ survey, catalog: { ...catalog, duplicates } }))
  expect((await told(leftOut, tables))['galaxies row-count']!.state).toBe('pass')
})

test('DESI DR1: relations and voids are about files that the release has', () => {
  const names = desi.release!.folders.flatMap((folder) => Object.keys(folder.files))
  const patterns = desi.catalogs.flatMap(({ quality }) => [
    ...(quality?.expect?.['scaling-relation'] ?? []),
    ...(quality?.expect?.['void-statistics'] ? [quality.expect['void-statistics']] : []),
  ])
  const matched = patterns.map(({ release }) => names.filter((name) => matchFile(release!, name)).length)
  expect(matched).toEqual([12, 12, 8])
})

test('DESI DR1: every file of the release has its rows, and these add up to the published sums', () => {
  const counted = desi.catalogs.flatMap(({ quality }) => {
    const rows = quality?.expect?.['row-count']
    return rows && 'files' in rows ? [rows.files] : []
  })
  const released = desi.release!.folders.flatMap((folder) => Object.keys(folder.files))
  const names = new Set(counted.flatMap((each) => Object.keys(each)))
  expect([...names].sort()).toEqual([...released].sort())
  const sum = (pattern: RegExp) =>
    Object.entries(counted[0]!).reduce((total, [name, rows]) => total + (pattern.test(name) ? rows : 0), 0)
  // FastSpecFit's documentation, "Total" of each survey; main-bright and main-dark as the files themselves say.
  expect(sum(/-main-/)).toBe(16_536_719)
  expect(sum(/-main-bright-/)).toBe(6_445_927)
  expect(sum(/-main-dark-/)).toBe(10_075_629)
  expect(['sv1', 'sv2', 'sv3', 'special'].map((name) => sum(new RegExp(`-${name}-`)))).toEqual([
    397_295, 99_281, 859_008, 100_831,
  ])
  expect(sum(/./)).toBe(17_995_896)
})

// `almagest cross-match` from end to end: tables and files on both sides, to the screen, a table and a file.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Archive } from '../../src/cli/archive.ts'
import { openSide } from '../../src/cli/match-side.ts'
import { chooseSkyIndex } from '../../src/sky/index.ts'
import { columnOf, openTableFile } from '../../src/table-files/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { almagest, type Ended, temporaryFolder } from './almagest.ts'

let database: ScratchDatabase
let environment: Record<string, string>
const folder = temporaryFolder()
const path = (name: string) => join(folder.path, name)

const stars = [
  { id: 11n, ra: 10, dec: 20 },
  { id: -9007199254740993n, ra: 359.99999, dec: 0 },
  { id: 13n, ra: 120.5, dec: -89.99 },
  { id: 14n, ra: 200, dec: 45 },
]

/** The stars of the file, each some hundredths of an arc second north of one in the table, and a stray. */
const csv = `name,RA,Dec,note
"one, first",10,20.00001,x
two,0:00:00,+0:00:00.01,y
three,120.5,-89.98999,
stray,300,10,z
nowhere,,5,
`

beforeAll(async () => {
  database = await scratchDatabase()
  environment = { DATABASE_URL: database.url }
  await database.client.query('CREATE TABLE public.stars (id bigint PRIMARY KEY, ra float8, dec float8)')
  for (const { id, ra, dec } of stars)
    await database.client.query('INSERT INTO public.stars VALUES ($1, $2, $3)', [String(id), ra, dec])
  writeFileSync(path('list.csv'), csv)
})
afterAll(async () => {
  await database.drop()
  folder[Symbol.dispose]()
})

const run = (...words: string[]) => almagest(['cross-match', ...words], environment)

function pairsOf({ code, out, err }: Ended): { pairs: Record<string, unknown>[]; [fact: string]: unknown } {
  expect(code, err).toBe(0)
  return JSON.parse(out)
}

const starTable = 'public.stars:ra,dec,id'

async function leftovers(): Promise<unknown[]> {
  const { rows } = await database.client.query(
    `SELECT relname FROM pg_class WHERE relname LIKE 'match\\_input%'`,
  )
  return rows
}

describe('a CSV file', () => {
  test('matches a table: names of columns in any case, sexagesimal text, rows without a position counted', async () => {
    const { pairs, ...facts } = pairsOf(
      await run(`${path('list.csv')}:ra,dec,name`, starTable, '--radius', '1arcsec', '--json'),
    )
    expect(facts).toMatchObject({ rows: 3, aRows: 4, aSkipped: 1, bRows: 4, bSkipped: 0 })
    const found = pairs.map((pair) => [pair.a_name, pair.b_id, pair.rank]).sort()
    expect(found).toEqual([
      ['one, first', 11, 1],
      ['three', 13, 1],
      ['two', '-9007199254740993', 1],
    ])
    const [one] = pairs.filter((pair) => pair.b_id === 11)
    expect(one!.separation).toBeCloseTo(1e-5, 9)
    expect(await leftovers()).toEqual([])
  })

  test('without a key its rows are known by their number; the unmatched are told', async () => {
    const { pairs } = pairsOf(
      await run(path('list.csv'), starTable, '--radius', '1arcsec', '--keep', 'unmatched', '--json'),
    )
    expect(pairs).toEqual([{ a_row: 4 }])
  })

  test('a stored match names the file, refers to the table, and can be replaced', async () => {
    const words = [`${path('list.csv')}:ra,dec,name`, starTable, '--radius', '1arcsec', '--store', 'public.m']
    expect((await run(...words, '--constraints')).code).toBe(0)
    const { rows } = await database.client.query(
      'SELECT a_table, b_table, rows FROM almagest.cross_match WHERE table_oid = $1::regclass',
      ['public.m'],
    )
    expect(rows).toEqual([{ a_table: 'list.csv', b_table: 'public.stars', rows: 3n }])
    const constraints = await database.client.query(
      `SELECT contype, confrelid::regclass::text AS refers FROM pg_constraint
       WHERE conrelid = 'public.m'::regclass AND contype <> 'n' ORDER BY 1`,
    )
    expect(constraints.rows).toEqual([
      { contype: 'f', refers: 'stars' },
      { contype: 'p', refers: '-' },
    ])
    const again = await run(...words)
    expect(again.code).toBe(2)
    expect(again.err).toContain('MATCH_TABLE_EXISTS')
    expect((await run(...words, '--replace')).out).toContain('3 rows stored in public.m')
  })

  test('to another CSV file', async () => {
    const out = path('pairs.csv')
    const words = [`${path('list.csv')}:ra,dec,name`, starTable, '--radius', '1arcsec', '--out', out]
    expect((await run(...words)).out).toContain('3 rows written')
    expect(readFileSync(out, 'utf8').split('\r\n').sort().slice(1, 3)).toEqual([
      expect.stringMatching(/^"one, first",11,/),
      'a_name,b_id,separation,rank',
    ])
    expect((await run(...words)).err).toContain('EXPORT_FILE_EXISTS')
  })
})

test('a small file is looked up in the index of a table, each row with a radius of its own', async () => {
  const { client } = database
  const sky = await chooseSkyIndex(client)
  for (const statement of sky.install) await client.query(statement)
  await client.query(`CREATE TABLE public.indexed AS SELECT id, ra, dec FROM stars
    UNION ALL SELECT i, i % 360, i % 60 + 0.5 FROM generate_series(1000, 200000) i`)
  await client.query(
    `CREATE INDEX ON indexed ${sky.indexOn({ ra: 'ra', dec: 'dec', frame: 'icrs', index: 'x' })}; ANALYZE indexed`,
  )
  // a column ra beside the position, and radii in units of two arc seconds: too small for the second star
  writeFileSync(path('radii.csv'), `id,ra,alpha,dec,err\n1,5,10,20.0001,0.3\n2,5,200,45.0001,0.1\n`)
  const words = [`${path('radii.csv')}:alpha,dec,id`, 'public.indexed:ra,dec,id', '--radius', '2"']
  for (const road of [[], ['--road', 'server'], ['--road', 'partitions'], ['--road', 'client']]) {
    const both = pairsOf(await run(...words, '--json', ...road))
    expect(both.pairs.map((pair) => [pair.a_id, pair.b_id]).sort()).toEqual([
      ['1', 11],
      ['2', 14],
    ])
    if (road.length === 0) expect(both.plan).toMatchObject({ road: 'server' })
    const { pairs } = pairsOf(await run(...words, '--radius-column', 'err', '--json', ...road))
    expect(pairs.map((pair) => [pair.a_id, pair.b_id])).toEqual([['1', 11]])
  }
  expect((await run(...words, '--radius-column', 'err', '--store', 'public.radii')).code).toBe(0)
  const { rows } = await client.query(
    `SELECT a_columns, radius_column, obj_description(table_oid) AS said FROM almagest.cross_match WHERE table_name = 'public.radii'`,
  )
  expect(rows).toEqual([
    {
      a_columns: ['alpha', 'dec', 'id'],
      radius_column: 'err',
      said: expect.stringContaining('degrees times err:'),
    },
  ])
  const error = await run(...words, '--radius-column', 'errr')
  expect(error.err).toContain('TABLE_FILE_COLUMN')
})

test('a table with itself finds duplicates', async () => {
  await database.client.query('CREATE TABLE public.twice AS SELECT * FROM stars')
  await database.client.query('INSERT INTO public.twice VALUES (99, 200.0001, 45)')
  const side = 'public.twice:ra,dec,id'
  const { pairs } = pairsOf(await run(side, side, '--radius', '1arcsec', '--keep', 'symmetric', '--json'))
  expect(pairs).toMatchObject([{ a_id: 14, b_id: 99 }])
  await database.client.query('INSERT INTO public.twice VALUES (98, 200.0004, 45), (97, 5, 5), (96, 5, 5)')
  const groups = pairsOf(await run(side, side, '--radius', '1arcsec', '--keep', 'groups', '--json'))
  expect(groups.pairs.map((row) => Object.values(row))).toEqual([
    [14, 1, 3],
    [98, 1, 3],
    [99, 1, 3],
    [96, 2, 2],
    [97, 2, 2],
  ])
})

test('errors and motions of a table and of a file, by their columns', async () => {
  await database.client.query(
    `CREATE TABLE public.moving AS SELECT id, ra, dec, 1000.0 AS pmra, -500.0 AS pmdec, 0.5 AS error FROM stars`,
  )
  // Where the stars are after ten years: 10 arc seconds east, 5 south.
  const later = stars.map(({ id, ra, dec }) => {
    const east = 10 / 3600 / Math.cos((dec * Math.PI) / 180)
    return `${id},${ra + east},${dec - 5 / 3600},0.3,0.1,30`
  })
  writeFileSync(path('later.csv'), `id,ra,dec,major,minor,pa\n${later.join('\n')}\n`)
  const sides = ['public.moving:ra,dec,id', `${path('later.csv')}:ra,dec,id`]
  const near = ['--deviation', '3', '--errors-a', 'error', '--errors-b', 'major,minor,pa', '--json']
  expect(pairsOf(await run(...sides, ...near)).rows).toBe(0)
  const moving = ['--motion-a', 'pmra,pmdec,2000', '--epoch', '2010']
  const { pairs } = pairsOf(await run(...sides, ...near, ...moving))
  expect(pairs.map((pair) => [String(pair.a_id), pair.b_id])).toEqual(
    expect.arrayContaining(stars.filter(({ dec }) => dec > -80).map(({ id }) => [String(id), String(id)])),
  )
  const backwards = ['--motion-b', 'major,minor,pa', '--epoch', '2010']
  expect(pairsOf(await run(...sides, '--radius', '20arcsec', '--json', ...moving, ...backwards)).rows).toBe(4)
})

test.each<[string, string[]]>([
  ['MATCH_OPTIONS', []],
  ['MATCH_OPTIONS', ['--radius', '1', '--deviation', '3']],
  ['MATCH_OPTIONS', ['--deviation', '3']],
  ['MATCH_OPTIONS', ['--radius', '1', '--motion-a', 'ra,dec,2000']],
  ['MATCH_OPTIONS', ['--radius-column', 'ra']],
  ['MATCH_OPTIONS', ['--radius', '1', '--errors-b', 'ra']],
  ['MATCH_OPTIONS', ['--radius', '1', '--store', 'public.x', '--out', 'x.csv']],
  ['MATCH_OPTIONS', ['--radius', '1', '--constraints']],
  ['MATCH_OPTIONS', ['--radius', '1', '--replace']],
  ['MATCH_OPTIONS', ['--radius', '1', '--overwrite']],
  ['MATCH_SCHEMA', ['--radius', '1', '--store', 'pairs']],
  ['MATCH_SCHEMA', ['--radius', '1', '--store', 'nowhere.pairs']],
  ['OPTION_INVALID', ['--deviation', '-1']],
  ['OPTION_INVALID', ['--deviation', '3', '--errors-a', 'a,b,c,d']],
  ['OPTION_INVALID', ['--radius', '1', '--motion-a', 'ra,dec']],
  ['REGION_RADIUS', ['--radius=-1']],
  ['MATCH_COLUMN_MISSING', ['--deviation', '3', '--errors-a', 'decc']],
])('%s of %j', async (code, words) => {
  const { code: exit, err } = await run(starTable, starTable.replace('stars', 'stars'), ...words)
  expect(exit).toBe(2)
  expect(err).toContain(code)
})

test('a declared match is found by its name, or told', async () => {
  const { code, err } = await run('no_such_match')
  expect(code).toBe(2)
  expect(err).toContain('MATCH_UNKNOWN')
})

const tableData = stars
  .map(({ id, ra, dec }) => `<TR><TD>${id}</TD><TD>${ra}</TD><TD>${dec}</TD></TR>`)
  .join('')
const votable = (frame: string, unit: string) => `<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE><COOSYS ID="c" system="${frame}"/>
<TABLE><FIELD name="id" datatype="long"/>
<FIELD name="alpha" datatype="double" unit="${unit}" ucd="pos.eq.ra;meta.main"/>
<FIELD name="delta" datatype="double" unit="deg" ucd="pos.eq.dec;meta.main"/>
<DATA><TABLEDATA>${tableData}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>`

test('a VOTable: its position is found by UCD', async () => {
  writeFileSync(path('list.vot'), votable('ICRS', 'deg'))
  const { pairs } = pairsOf(await run(starTable, path('list.vot'), '--radius', '1arcsec', '--json'))
  expect(pairs.map((pair) => pair.b_row).sort()).toEqual([1, 2, 3, 4])
  const named = `${path('list.vot')}:alpha,delta,id`
  const { pairs: byId } = pairsOf(await run(starTable, named, '--radius', '1arcsec', '--json'))
  expect(byId.every((pair) => pair.a_id === pair.b_id)).toBe(true)
})

needs('astropy')('files that astropy writes, read cell by cell', () => {
  test.each(['table.fits', 'binary2.vot', 'binary.vot', 'ascii.fits'])('%s', async (name) => {
    const script = `
import sys
from astropy.table import Table
from astropy.io import fits
t = Table({'label': ['a', 'bc', 'def', 'é' if '${name}'.endswith('vot') else 'x'], 'ra': [10., 359.99999, 120.5, 200.], 'dec': [20., 0., -89.99, 45.]})
t['id'] = [11, -9007199254740993, 13, 14]
p = '${path(name)}'
if '${name}' == 'ascii.fits':
    columns = [fits.Column('id', 'A20', array=[str(i) for i in t['id']], ascii=True), fits.Column('ra', 'D25.17', array=t['ra'], ascii=True), fits.Column('dec', 'D25.17', array=t['dec'], ascii=True)]
    fits.TableHDU.from_columns(columns).writeto(p)
elif p.endswith('fits'): t.write(p)
else: t.write(p, format='votable', tabledata_format='${name.split('.')[0]}')
`
    execFileSync('/usr/bin/python3', ['-c', script], { stdio: ['ignore', 'ignore', 'inherit'] })
    await using file = await openTableFile(path(name))
    const places = ['ID', 'ra', 'dec'].map((column) => columnOf(file, column))
    const rows: unknown[] = []
    for await (const batch of file.rows(places)) rows.push(...batch)
    // A double keeps neither identifier: the file gives them as bigint, or as the text that they are.
    expect(rows.map((row) => (row as unknown[]).map((cell, i) => (i === 0 ? String(cell) : cell)))).toEqual(
      stars.map(({ id, ra, dec }) => [String(id), ra, dec]),
    )
  })
})

test.each<[string, string, string]>([
  ['TABLE_FILE_MISSING', '', 'absent.csv'],
  ['TABLE_FILE_COLUMN', '', 'list.csv:ra,decl'],
  ['TABLE_FILE_FRAME', 'frame.vot', 'frame.vot'],
  ['TABLE_FILE_UNIT', 'unit.vot', 'unit.vot'],
  ['TABLE_FILE_BROKEN', 'cut.vot', 'cut.vot'],
  ['TABLE_FILE_BROKEN', 'ragged.csv', 'ragged.csv'],
  ['TABLE_FILE_BROKEN', 'empty.csv', 'empty.csv'],
  ['ANGLE_SYNTAX', 'angle.csv', 'angle.csv'],
  ['MATCH_SIDE', '', 'public.stars:ra,dec'],
  ['CATALOG_UNKNOWN', '', 'fastspecfit_irn'],
])('%s of %s is told with its place', async (code, name, text) => {
  const contents: Record<string, string> = {
    'frame.vot': votable('FK4', 'deg'),
    'unit.vot': votable('ICRS', 'rad'),
    'cut.vot': votable('ICRS', 'deg').slice(0, -60).replace('</TABLEDATA>', ''),
    'ragged.csv': 'ra,dec\n1,2\n3\n',
    'empty.csv': '',
    'angle.csv': 'ra,dec\n1,2\n3,four\n',
  }
  if (name) writeFileSync(path(name), contents[name]!)
  const archive = { server: { connectionUrl: database.url } } as Archive
  const side = /^[\w.]+\.(csv|vot)/.test(text) ? path(text) : text
  const failure = await openSide(side, archive).catch((error) => error)
  expect(failure).toMatchObject({ code, hint: expect.stringMatching(/./) })
  if (name === 'angle.csv') expect(failure.place).toMatchObject({ file: name, row: 2, column: 'dec' })
  expect(await leftovers()).toEqual([])
})

// The reference catalogues: exactness against their truth, and time beside cKDTree and beside VAST's way of flagging.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import sdss from '../catalogs/sdss-dr7-voids/index.ts'
import { loadFiles } from '../src/load/index.ts'
import { applySurvey, type Client, connect } from '../src/postgres/index.ts'
import { chooseSkyIndex } from '../src/sky/index.ts'
import { cosmology, createMapping, loadFinders, type Release, raDecMask } from '../src/voids/index.ts'
import { type Mapped, mapInChild } from './voids-child.ts'
import { best, left, n, s, tableOf, timed } from './voids-text.ts'

const python = '/usr/bin/python3'
const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))
/** Seconds of VAST's calculate_vflag on these data, as the facts that come with them state it: not run here. */
const citedVflagSeconds = 156

export async function referencePart(
  client: Client,
  url: string,
  folder: string,
  runs: number,
): Promise<string> {
  if (!existsSync(folder)) return left('the reference catalogues', `${folder} is not there`)
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.fits'))
    .map((name) => join(folder, name))
  await load(client, url, files)
  try {
    execFileSync(python, ['-c', 'import scipy'], { stdio: 'ignore' })
  } catch {
    return left('the reference catalogues', `${python} has no scipy`)
  }
  const out = 'almagest_bench_voids'
  const ours: Mapped[] = []
  const theirs: number[] = []
  let counts = ''
  for (let run = 0; run < runs; run++) {
    ours.push(mapInChild(sdss, url))
    await client.query(`DROP SCHEMA IF EXISTS ${out} CASCADE; CREATE SCHEMA ${out};
      CREATE TABLE ${out}.map (LIKE ${sdss.schema}.void_galaxy_map INCLUDING ALL);
      CREATE TABLE ${out}.spheres (LIKE ${sdss.schema}.void_sphere_map INCLUDING ALL)`)
    const words = [url, sdss.schema, `${sdss.schema}.galaxies`, 'vast', 'galaxy', out]
    const told = execFileSync(python, [script('voids-ckdtree.py'), ...words], { encoding: 'utf8' }).trim()
    const [seconds, pairs, spheres] = told.split(' ')
    theirs.push(Number(seconds))
    counts = `${n(Number(pairs))} pairs, ${n(Number(spheres))} in spheres`
  }
  await client.query(`DROP SCHEMA ${out} CASCADE`)
  const alone = await voidFinderAlone(client, url, files, runs)
  const flags = await flagsInMemory(client, runs)
  const words = [url, sdss.schema, `${sdss.schema}.galaxies`, 'vast', 'galaxy']
  const standIn = Number(
    execFileSync(python, [script('voids-vflag.py'), ...words], { encoding: 'utf8' }).split(' ')[0],
  )
  const [own, tree] = [best(ours.map(({ seconds }) => seconds)), best(theirs)]
  const { map, spheres } = ours[0]!.rows
  const times = (seconds: number) => [
    (standIn / seconds).toFixed(0),
    (citedVflagSeconds / seconds).toFixed(0),
  ]
  return [
    '### The reference catalogues: exactness',
    '120,606 SDSS DR7 galaxies, 45,252 holes, 2,095 voids of four kinds, compared row by row with their truth files after the last run.',
    await exactness(client, folder),
    '### The reference catalogues, from database to database',
    'The cKDTree road (`bench/voids-ckdtree.py`: psql, numpy, scipy with all cores) writes the map and the spheres into tables with the same keys; it writes no details, environments, footprint, foreign keys or record, and finds pairs near surfaces in double precision.',
    tableOf(
      ['road', 'time', 'ratio to cKDTree', 'rows'],
      [
        [
          '`almagest map-voids`, all tables',
          ...[s(own), (own / tree).toFixed(2)],
          `${n(map)} pairs, ${n(spheres)} in spheres`,
        ],
        ['scipy cKDTree, map and spheres only', s(tree), '1.00', counts],
      ],
    ),
    "### The reference catalogues, beside VAST's flags",
    `VAST is no package of Debian's, and is not run here: its \`calculate_vflag\` is cited with ${citedVflagSeconds} s on another machine. The stand-in (\`bench/voids-vflag.py\`) does the same work in the same way, galaxy by galaxy with numpy, but on plain arrays rather than tables of astropy, which makes it faster than VAST.`,
    tableOf(
      ['road', 'time', 'times faster than the stand-in', 'than the cited VAST'],
      [
        ['stand-in for `calculate_vflag`: flags, all in memory', s(standIn), '1', ''],
        ['Almagest, flags, all in memory', s(flags), ...times(flags)],
        [
          "`almagest map-voids` of VoidFinder's file alone, from database to database",
          s(alone),
          ...times(alone),
        ],
        ['`almagest map-voids`, four finders and spheres, from database to database', s(own), ...times(own)],
      ],
    ),
  ].join('\n\n')
}

async function load(client: Client, url: string, files: readonly string[]): Promise<void> {
  await applySurvey(client, sdss, await chooseSkyIndex(client))
  await loadFiles(url, [sdss], files, { jobs: 2 })
}

/** Seconds of a mapping in a database that has no other finder's files. */
async function voidFinderAlone(
  client: Client,
  url: string,
  files: readonly string[],
  runs: number,
): Promise<number> {
  const name = 'almagest_bench_voidfinder'
  await client.query(`DROP DATABASE IF EXISTS ${name}`)
  await client.query(`CREATE DATABASE ${name}`)
  const other = Object.assign(new URL(url), { pathname: name }).href
  try {
    await using there = await connect(other)
    await load(
      there,
      other,
      files.filter((file) => !file.includes('_V2_')),
    )
    return best(Array.from({ length: runs }, () => mapInChild(sdss, other).seconds))
  } finally {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
  }
}

/** What the truth files say and what the tables hold. */
async function exactness(client: Client, folder: string): Promise<string> {
  const truth = (name: string): Record<string, string>[] => {
    const text = gunzipSync(readFileSync(join(folder, `${name}.csv.gz`))).toString()
    const [head, ...lines] = text
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    return lines.map((cells) => Object.fromEntries(head!.map((column, i) => [column, cells[i]!])))
  }
  const words = await client.query<{ galaxy: bigint; word: string }>(
    `SELECT galaxy, voidfinder AS word FROM ${sdss.schema}.galaxy_environments`,
  )
  const wordOf = new Map(words.rows.map(({ galaxy, word }) => [String(galaxy), word]))
  const states = truth('truth_voidfinder')
  const stateOf = (word: string | undefined) =>
    word === 'void_interior' ? 'I' : word === 'surface' ? 'S' : word === undefined ? '?' : 'O'
  const wrong = (state: string) =>
    states.filter((each) => each.state === state && stateOf(wordOf.get(each.row!)) !== state).length
  const of = (state: string) => states.filter((each) => each.state === state).length
  const pairs = await client.query<{ source: string; pair: string }>(
    `SELECT void_catalog_source AS source, galaxy || ' ' || void_index AS pair
     FROM ${sdss.schema}.void_galaxy_map JOIN ${sdss.schema}.vast_voids USING (void_id)`,
  )
  const found = (source: string) =>
    new Set(pairs.rows.filter((each) => each.source === source).map(({ pair }) => pair))
  const v2 = truth('truth_v2')
  const named = (method: string) =>
    v2.flatMap((row) =>
      [...new Set([row[`${method}_void0`]!, row[`${method}_void1`]!])]
        .filter((number) => number !== '-1')
        .map((number) => `${row.row} ${number}`),
    )
  const interior = truth('truth_voidfinder_pairs').filter(({ margin }) => Number(margin) < -1e-3)
  const compared = (what: string, expected: readonly string[], source: string) => {
    const stored = found(source)
    const missing = expected.filter((pair) => !stored.has(pair)).length
    return [what, n(expected.length), n(missing), n(stored.size + missing - expected.length)]
  }
  return tableOf(
    ['of the truth', 'number', 'missing or wrong', 'not in the truth'],
    [
      ['galaxies inside a hole (state I)', n(of('I')), n(wrong('I')), ''],
      ['galaxies outside all holes (state O)', n(of('O')), n(wrong('O')), ''],
      ['galaxies on a surface (state S)', n(of('S')), n(wrong('S')), ''],
      compared(
        'VoidFinder pairs',
        interior.map((row) => `${row.row} ${row.void}`),
        'VoidFinder',
      ),
      ...['revolver', 'vide', 'zobov'].map((method) =>
        compared(`V2 ${method.toUpperCase()} pairs`, named(method), `V2_${method.toUpperCase()}`),
      ),
    ],
  )
}

/** VoidFinder's states of the reference galaxies, edge and mask included, tables and galaxies in memory: seconds. */
async function flagsInMemory(client: Client, runs: number): Promise<number> {
  const column = async (sql: string) =>
    Float64Array.from((await client.query<{ v: number }>(sql)).rows, ({ v }) => v)
  const of = `${sdss.schema}.vast_`
  const hole = (name: string) => column(`SELECT ${name}::float8 AS v FROM ${of}holes ORDER BY hole_index`)
  const maximal = (name: string) =>
    column(
      `SELECT ${name}::float8 AS v FROM ${of}voids WHERE void_catalog_source = 'VoidFinder' ORDER BY void_id`,
    )
  const galaxy = (name: string) =>
    column(`SELECT ${name}::float8 AS v FROM ${sdss.schema}.galaxies ORDER BY galaxy`)
  const { rows } = await client.query<{ m: number; z: number; low: number; high: number }>(
    `SELECT omega_m AS m, z_high AS z, distance_low AS low, distance_high AS high FROM ${of}releases WHERE void_catalog_source = 'VoidFinder'`,
  )
  const { m, z, low, high } = rows[0]!
  const mask = Uint8Array.from(
    await column(`SELECT inside::float8 AS v FROM ${of}voidfinder_mask ORDER BY pixel`),
  )
  const release: Release = {
    ...{ source: 'VoidFinder', cap: 'NGC', cosmology: cosmology({ omegaM: m }), limits: { low: 0, high: z } },
    voids: {
      number: Int32Array.from(await maximal('void_index')),
      ...{ x: await maximal('x'), y: await maximal('y'), z: await maximal('z') },
      radius: await maximal('radius'),
    },
    holes: {
      ...{ x: await hole('x'), y: await hole('y'), z: await hole('z'), radius: await hole('radius') },
      voidNumber: Int32Array.from(await hole('void_index')),
    },
    footprint: { mask: raDecMask(mask), nearest: low, farthest: high },
  }
  const id = BigInt64Array.from(await galaxy('galaxy'), BigInt)
  const batch = { id, ra: await galaxy('ra'), dec: await galaxy('dec'), z: await galaxy('z') }
  const finder = (await loadFinders()).get('VoidFinder')!
  return best(
    Array.from({ length: 2 * runs }, () =>
      timed(() => void createMapping([{ finder, release }]).place(batch)),
    ),
  )
}

// Mapping galaxies to voids: against scipy's cKDTree, against plain COPY, and how it grows; ratios of one run.
//   npm run bench:voids -- [--galaxies 200000 | --full] [--runs 3] [--reference FOLDER] [--write]
// --full is DESI DR1's size: 6,445,927 galaxies, 101,863 holes, 10,754 voids; it takes 30 GB of disk and most of an hour.
// --write puts the results into docs/benchmarks.md. Without the reference data or scipy their part is left out, saying so.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import desi from '../catalogs/desi-dr1/index.ts'
import sdss from '../catalogs/sdss-dr7-voids/index.ts'
import { compareWithTruth } from '../src/cli/demo-check.ts'
import { writeMock } from '../src/cli/write-mock.ts'
import { draw, Plot } from '../src/drawing/index.ts'
import { loadFiles } from '../src/load/index.ts'
import type { MockTruth, Survey } from '../src/model/index.ts'
import {
  applySurvey,
  type Client,
  connect,
  quoteIdentifier,
  quoteQualified,
  startEmbedded,
  stopEmbedded,
} from '../src/postgres/index.ts'
import { chooseSkyIndex, q3cExtensionFiles } from '../src/sky/index.ts'
import {
  cosmology,
  createMapping,
  holeUnion,
  loadFinders,
  mapVoids,
  type Release,
  raDecMask,
} from '../src/voids/index.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const { values: given } = parseArgs({
  options: {
    galaxies: { type: 'string', default: '200000' },
    full: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    reference: { type: 'string', default: here('../../shared/data/vast-sdss-dr7') },
    write: { type: 'boolean', default: false },
    /** Of a child process: maps one survey and tells time and memory. */
    map: { type: 'string' },
    url: { type: 'string' },
  },
})
const galaxies = given.full ? 6_445_927 : Number(given.galaxies)
const python = '/usr/bin/python3'
const surveys = [desi, sdss]
/** Time of VAST's calculate_vflag on the reference data, as stated with the reference data: not run here. */
const citedVflagSeconds = 156

async function mapOnly(name: string, url: string): Promise<void> {
  await using client = await connect(url)
  const started = performance.now()
  const { rows } = await mapVoids(client, surveys.find((survey) => survey.name === name)!)
  const seconds = (performance.now() - started) / 1000
  console.log(JSON.stringify({ seconds, rows, megabytes: process.resourceUsage().maxRSS / 1000 }))
}

interface Mapped {
  readonly seconds: number
  readonly megabytes: number
  readonly rows: Readonly<Record<'map' | 'details' | 'environments' | 'spheres', number>>
}

/** A mapping in a process of its own, whose memory is nothing else's; its start doesn't count. */
function mapInChild(survey: Survey, url: string): Mapped {
  const words = ['--import', 'tsx', here('voids.ts'), '--map', survey.name, '--url', url]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Mapped
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-bench-'))
  // As root the server runs as another user, who must get to its folder.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  const parts: string[] = [
    `Measured on ${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, ` +
      `the embedded PostgreSQL, best of ${given.runs} runs each, by \`npm run bench:voids -- --galaxies ${galaxies}\`. ` +
      'Times are those of one machine at one time: the ratios, measured in turns, are what counts.',
  ]
  try {
    const { connectionUrl } = await startEmbedded({ home, extensionFiles: q3cExtensionFiles() })
    await using client = await connect(connectionUrl)
    parts.push(await referencePart(client, connectionUrl))
    const truth = await loadMock(client, connectionUrl, join(folder, 'mock'))
    parts.push(await copyPart(client, connectionUrl, folder))
    parts.push(await truthPart(client, truth))
    parts.push(growthPart())
  } finally {
    await stopEmbedded({ home })
    rmSync(folder, { recursive: true, force: true })
  }
  const text = parts.filter((part) => part !== '').join('\n\n')
  console.log(text)
  if (given.write) writeSection(text)
}

/** Loads the mock file by file, each removed at once: at full size they would be 29 GB. */
async function loadMock(client: Client, url: string, mockFolder: string): Promise<MockTruth> {
  const size = { galaxies, seed: 1 }
  const { files, truth } = desi.mock!.generate(size)
  await applySurvey(client, desi, await chooseSkyIndex(client))
  for (const file of files) {
    const written = await writeMock(
      { ...desi.mock!, generate: () => ({ files: [file], truth }) },
      mockFolder,
      size,
    )
    // A share of the rows is faulty by design; the truth says how many.
    await loadFiles(url, [desi], written.files, { jobs: 1, maxRejects: galaxies })
    for (const path of written.files) rmSync(path)
  }
  await client.query('VACUUM ANALYZE')
  return truth
}

async function truthPart(client: Client, truth: MockTruth): Promise<string> {
  const compared = await compareWithTruth(client, desi, truth)
  const wrong = compared.filter(({ expected, found }) => expected !== found)
  if (wrong.length === 0) return `All ${compared.length} counts of the mapped mock equal its known truth.`
  return `**Wrong**: ${wrong.map(({ what, expected, found }) => `${what}: ${found}, not ${expected}`).join('; ')}`
}

async function load(client: Client, url: string, survey: Survey, files: readonly string[]): Promise<void> {
  await applySurvey(client, survey, await chooseSkyIndex(client))
  await loadFiles(url, [survey], files, { jobs: 2 })
}

const runs = Number(given.runs)
const best = (times: readonly number[]) => Math.min(...times)
const s = (seconds: number) => `${seconds.toFixed(2)} s`
const n = (value: number) => value.toLocaleString('en-US')

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

async function referencePart(client: Client, url: string): Promise<string> {
  if (!existsSync(given.reference)) return left('the reference catalogues', `${given.reference} is not there`)
  const files = readdirSync(given.reference).filter((name) => name.endsWith('.fits'))
  await load(
    client,
    url,
    sdss,
    files.map((name) => join(given.reference, name)),
  )
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
    const told = execFileSync(python, [here('voids-ckdtree.py'), ...words], { encoding: 'utf8' }).trim()
    const [seconds, pairs, spheres] = told.split(' ')
    theirs.push(Number(seconds))
    counts = `${n(Number(pairs))} pairs, ${n(Number(spheres))} in spheres`
  }
  await client.query(`DROP SCHEMA ${out} CASCADE`)
  const flags = await flagsInMemory(client)
  const [own, tree] = [best(ours.map(({ seconds }) => seconds)), best(theirs)]
  const { map, spheres } = ours[0]!.rows
  return [
    '### The reference catalogues, from database to database',
    '120,606 SDSS DR7 galaxies, 45,252 holes, 2,095 voids of four kinds. The cKDTree road (`bench/voids-ckdtree.py`: psql, ' +
      'numpy, scipy with all cores) writes the map and the spheres into tables with the same keys; it writes no details, ' +
      'environments, footprint, foreign keys or record, and finds pairs near surfaces in double precision.',
    tableOf(
      ['road', 'time', 'ratio to cKDTree', 'rows'],
      [
        [
          '`almagest map-voids`, all tables',
          s(own),
          (own / tree).toFixed(2),
          `${n(map)} pairs, ${n(spheres)} in spheres`,
        ],
        ['scipy cKDTree, map and spheres only', s(tree), '1.00', counts],
        ['`almagest`, VoidFinder flags only, in memory', s(flags), '', 'flags'],
        [
          "VAST's `calculate_vflag` (VoidFinder flags only; **cited, not run here**)",
          `${citedVflagSeconds} s`,
          '',
          'flags',
        ],
      ],
    ),
    `Against the cited figure the flags alone, which is what it computes, are ${(citedVflagSeconds / flags).toFixed(0)} times faster, the whole mapping ${(citedVflagSeconds / own).toFixed(0)} times; that compares two machines.`,
  ].join('\n\n')
}

/** VoidFinder's states of the reference galaxies, edge and mask included, tables and galaxies in memory: seconds. */
async function flagsInMemory(client: Client): Promise<number> {
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
      ...{
        x: await maximal('x'),
        y: await maximal('y'),
        z: await maximal('z'),
        radius: await maximal('radius'),
      },
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
    Array.from({ length: runs }, () => timed(() => void createMapping([{ finder, release }]).place(batch))),
  )
}

const left = (what: string, why: string) => `Not measured in this run: ${what} (${why}).`

async function copyPart(client: Client, url: string, folder: string): Promise<string> {
  const voids = desi.voids!
  const { key, ra, dec, z, catalog } = voids.galaxies
  const position = [key, ra, dec, z].map((column) => quoteIdentifier(column)).join(', ')
  const outputs = [voids.map, voids.details, voids.environments, voids.spheres].map(({ name }) => name)
  const file = (name: string) => join(folder, `${name}.bin`)
  const ours: Mapped[] = []
  const plain: number[] = []
  const whole: number[] = []
  for (let run = 0; run < runs; run++) {
    ours.push(mapInChild(desi, url))
    await client.query(
      'DROP SCHEMA IF EXISTS almagest_bench_voids CASCADE; CREATE SCHEMA almagest_bench_voids',
    )
    // The rows to be copied in are made ready outside the measurement.
    for (const name of outputs) copy(url, `COPY ${quoteQualified(name)} TO STDOUT`, file(name))
    for (const name of [...outputs, catalog.name]) {
      await client.query(`CREATE TABLE ${twin(name)} (LIKE ${quoteQualified(name)} INCLUDING ALL)`)
    }
    await client.query('CHECKPOINT')
    plain.push(
      timed(() => {
        copy(
          url,
          `COPY (SELECT ${position} FROM ${quoteQualified(catalog.name)}) TO STDOUT`,
          file('galaxies'),
        )
        for (const name of outputs) copy(url, `COPY ${twin(name)} FROM STDIN`, file(name))
      }),
    )
    await client.query('CHECKPOINT')
    whole.push(
      timed(() => {
        copy(url, `COPY ${quoteQualified(catalog.name)} TO STDOUT`, file('whole'))
        copy(url, `COPY ${twin(catalog.name)} FROM STDIN`, file('whole'))
      }),
    )
  }
  await client.query('DROP SCHEMA almagest_bench_voids CASCADE')
  const { rows } = await client.query<{ galaxies: number; holes: number; voids: number }>(
    `SELECT (SELECT count(*)::float8 FROM ${quoteQualified(catalog.name)}) AS galaxies,
       (SELECT count(*)::float8 FROM ${quoteQualified(voids.holes.name)}) AS holes,
       (SELECT count(*)::float8 FROM ${quoteQualified(voids.voids.name)}) AS voids`,
  )
  const size = rows[0]!
  const own = best(ours.map(({ seconds }) => seconds))
  const row = (what: string, seconds: number) => [what, s(seconds), (own / seconds).toFixed(2)]
  const written = Object.values(ours[0]!.rows).reduce((sum, each) => sum + each, 0)
  return [
    '### A mock of DESI DR1, against plain COPY',
    `${n(size.galaxies)} galaxies, ${n(size.holes)} holes, ${n(size.voids)} voids; ${n(written)} rows written. Plain COPY is psql, ` +
      'binary, into tables with the same keys and indexes but without foreign keys.',
    tableOf(
      ['', 'time', "the mapping's time over it"],
      [
        row('`almagest map-voids`', own),
        row('COPY of what it reads out, COPY of what it writes in', best(plain)),
        row('COPY of the whole galaxy table out and in', best(whole)),
      ],
    ),
    `Memory of the mapping process: ${Math.max(...ours.map(({ megabytes }) => megabytes)).toFixed(0)} MB at most.`,
  ].join('\n\n')
}

const twin = (name: string) => quoteIdentifier('almagest_bench_voids', name.split('.')[1]!)

function timed(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

function copy(url: string, sql: string, file: string): void {
  const binary = `${sql.replace('STDOUT', `'${file}'`).replace('STDIN', `'${file}'`)} (format binary)`
  execFileSync(
    'psql',
    ['-qX', '-v', 'ON_ERROR_STOP=1', url, '-c', `\\copy ${binary.replace(/^COPY /, '')}`],
    {
      stdio: 'inherit',
    },
  )
}

/** Membership alone, in memory: galaxies and holes at random in a box whose volume grows with the holes. */
function growthPart(): string {
  const measure = (galaxies: number, holes: number): number => {
    const side = 25 * Math.cbrt(holes / 8)
    const random = randoms()
    const column = (count: number, scale: number, from = 0) =>
      Float64Array.from({ length: count }, () => from + scale * random())
    const centres = { x: column(holes, side), y: column(holes, side), z: column(holes, side) }
    const spheres = {
      ...centres,
      radius: column(holes, 8, 8),
      void: Int32Array.from({ length: holes }, (_, i) => i >> 3),
    }
    const positions = { x: column(galaxies, side), y: column(galaxies, side), z: column(galaxies, side) }
    return best(
      Array.from({ length: runs }, () => timed(() => void holeUnion(spheres, { reach: 1 }).place(positions))),
    )
  }
  const sizes = [1, 2, 4, 8, 16]
  const points = [
    ...sizes.map((k) => ({
      of: 'galaxies (50,000 holes)',
      galaxies: k * 100_000,
      holes: 50_000,
      count: k * 100_000,
    })),
    ...sizes.map((k) => ({
      of: 'holes (400,000 galaxies)',
      galaxies: 400_000,
      holes: k * 12_500,
      count: k * 12_500,
    })),
  ].map((each) => ({ ...each, seconds: measure(each.galaxies, each.holes) }))
  if (given.write) writeFileSync(here('../docs/growth-voids.svg'), growthPlot(points))
  return [
    '### Growth',
    'Membership alone, in memory, holes included: galaxies and holes at random, 8 holes in each 25 Mpc/h cubed.',
    tableOf(
      ['galaxies', 'holes', 'time', 'ns per galaxy plus hole'],
      points.map(({ galaxies, holes, seconds }) => [
        ...[n(galaxies), n(holes), s(seconds)],
        ((1e9 * seconds) / (galaxies + holes)).toFixed(0),
      ]),
    ),
    '![Time against galaxies and against holes, on logarithmic axes](growth-voids.svg)',
  ].join('\n\n')
}

/** Time against numbers, both logarithmic, with a line of slope 1 through the first point of each. */
function growthPlot(points: readonly { of: string; count: number; seconds: number }[]): string {
  const kinds = [...new Set(points.map(({ of }) => of))]
  const linear = kinds.flatMap((of) => {
    const own = points.filter((each) => each.of === of)
    return own.map(({ count }) => ({ of, count, seconds: (own[0]!.seconds * count) / own[0]!.count }))
  })
  const axes = { x: 'count', y: 'seconds', stroke: 'of' }
  return draw(
    {
      ...{ height: 320, marginLeft: 56, marginBottom: 42, grid: true },
      x: {
        type: 'log',
        label: 'number of ...',
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 4,
        tickFormat: '~s',
      },
      y: { type: 'log', label: 'seconds', labelArrow: 'none', ticks: 4, tickFormat: String },
      color: { domain: kinds, range: ['#0072b2', '#d55e00'] },
      marks: [
        Plot.line(linear, { ...axes, strokeDasharray: '4 4', strokeOpacity: 0.5 }),
        Plot.line(points, axes),
        Plot.dot(points, { x: 'count', y: 'seconds', fill: 'of', r: 4 }),
        Plot.text(
          points,
          Plot.selectLast({ x: 'count', y: 'seconds', z: 'of', text: 'of', textAnchor: 'end', dy: -12 }),
        ),
      ],
    },
    'Growth of the time with galaxies and with holes',
  )
}

/** A generator that gives the same numbers in every run (mulberry32). */
function randoms(): () => number {
  let state = 20090710
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Replaces this section of docs/benchmarks.md, or adds it. */
function writeSection(text: string): void {
  const path = here('../docs/benchmarks.md')
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '# Benchmarks\n'
  const [start, end] = ['<!-- voids -->', '<!-- end of voids -->']
  const section = `${start}\n\n## Galaxies and voids\n\n${text}\n\n${end}`
  const at = before.indexOf(start)
  const after =
    at < 0
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, at) + section + before.slice(before.indexOf(end) + end.length)
  writeFileSync(path, after)
}

if (given.map) await mapOnly(given.map, given.url!)
else await main()

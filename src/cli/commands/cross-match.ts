// `almagest cross-match`: pairs of rows that lie close together on the sky.
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, Option } from 'commander'
import {
  AlmagestError,
  type CrossMatch,
  crossMatch,
  type KeptPairs,
  type MatchDeclaration,
} from '../../model/index.ts'
import {
  fillMatch,
  type MatchCounts,
  type MatchPlan,
  type MatchRow,
  matchColumns,
  matchCsv,
  matchRows,
  type Road,
  roads,
  storeMatch,
} from '../../sky/index.ts'
import type { Archive } from '../archive.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import {
  errorColumns,
  matchOptions,
  motionColumns,
  type NearOptions,
  optionFault,
  sideColumns,
} from '../match-options.ts'
import { openSide } from '../match-side.ts'
import { angle, nonNegative, wholeNumber } from '../numbers.ts'
import { count, table } from '../report.ts'
import { findSurveys, matchNamed } from '../surveys.ts'

interface CrossMatchOptions extends CommonOptions, NearOptions {
  store?: string
  constraints?: boolean
  replace?: boolean
  out?: string
  overwrite?: boolean
  road?: Road
  force?: boolean
  limit: number
}

/** What is told of a match besides its pairs. */
interface Told extends MatchCounts {
  readonly rows: number
  readonly plan: MatchPlan
}

export function crossMatchCommand(): Command {
  const side = 'catalogue, SCHEMA.TABLE:RA,DEC,KEY, or FILE[:RA,DEC[,KEY]] (FITS, CSV, VOTable)'
  const command = databaseOptions(new Command('cross-match'))
    .description(
      'match two tables by position: to the screen, a table or a CSV file; or fill the table of a declared match',
    )
    .argument('<a>', `${side}; alone: the table of a match that a survey declares, to be filled`)
    .argument('[b]', `${side}; the same as the first to find duplicates`)
    .option('--radius <angle>', 'e.g. 1arcsec, 0.5arcmin, or degrees', angle('--radius'))
    .option('--radius-column <column>', 'a radius for each row of a: this column times --radius')
    .option(
      '--deviation <sigmas>',
      'instead of a radius: the largest separation in units of both errors, e.g. 3',
      nonNegative('--deviation'),
    )
    .option(
      '--errors-a <columns>',
      'errors of a: MAJOR[,MINOR[,ANGLE]], half axes',
      errorColumns('--errors-a'),
    )
    .option('--errors-b <columns>', 'errors of b, likewise', errorColumns('--errors-b'))
    .option('--error-unit <angle>', 'what a unit of the errors is', angle('--error-unit'), 1 / 3600)
    .option(
      '--motion-a <columns>',
      'proper motion of a: PMRA,PMDEC,EPOCH in mas a year, the epoch a year or a column',
      motionColumns('--motion-a'),
    )
    .option('--motion-b <columns>', 'proper motion of b, likewise', motionColumns('--motion-b'))
    .option('--epoch <year>', 'the epoch at which positions are compared', nonNegative('--epoch'))
    .addOption(
      new Option(
        '--keep <which>',
        'all pairs, the best for each row of a, those that are mutually the best, the rows of a without any, or the groups of duplicates of one table',
      )
        .choices(['all', 'best', 'symmetric', 'unmatched', 'groups'] satisfies KeptPairs[])
        .default('best'),
    )
    .option('--store <schema.table>', 'write the pairs to a new table, with a record of how they were made')
    .option('--replace', 'with --store: drop an earlier cross-match of that name')
    .option('--constraints', 'with --store: add a primary key, and foreign keys to the tables')
    .option('--out <file>', 'write the pairs to a CSV file, or - for standard output')
    .option('--overwrite', 'with --out: replace the file')
    .addOption(
      new Option(
        '--road <which>',
        'by the index on the server, by it over several connections, or in the client',
      ).choices(roads),
    )
    .option('--force', 'with --road: by the server even where a large table has no sky index')
    .option('--limit <rows>', 'show so many pairs; all are counted', wholeNumber('--limit', 0), 20)
  return command.action(async (a: string, b: string | undefined, options: CrossMatchOptions) => {
    checkDestination(options)
    await using archive = await openArchiveFor(options, progressOf(options))
    if (b === undefined) {
      await fill(archive, matchNamed(await findSurveys(options.catalogs), a), options)
      return
    }
    if (a === b && (options.errorsB || options.motionB))
      throw optionFault('one table twice has one set of columns', 'name them with --errors-a and --motion-a')
    await using left = await openSide(a, archive, options.catalogs, sideColumns(options, 'a'))
    await using right =
      a === b ? undefined : await openSide(b, archive, options.catalogs, sideColumns(options, 'b'))
    const near = matchOptions(options, left.column)
    const match = crossMatch(left.table, (right ?? left).table, near)
    if (options.store !== undefined) await store(archive, match, options.store, options)
    else if (options.out !== undefined) await write(archive, match, options.out, options)
    else await show(archive, match, options)
  })
}

/** @throws AlmagestError `MATCH_OPTIONS` for options of a destination that is not asked for */
function checkDestination({ store, out, constraints, replace, overwrite }: CrossMatchOptions): void {
  if (store !== undefined && out !== undefined)
    throw optionFault('--store and --out exclude each other', 'run it twice')
  if (store === undefined && (constraints || replace))
    throw optionFault(
      `${constraints ? '--constraints' : '--replace'} needs --store`,
      'name the table: --store schema.table',
    )
  if (out === undefined && overwrite)
    throw optionFault('--overwrite needs --out', 'name the file: --out pairs.csv')
}

async function fill(
  { server, sky }: Archive,
  declared: MatchDeclaration,
  { road, force = false, json }: CrossMatchOptions,
): Promise<void> {
  const stored = await fillMatch(server, sky, declared, { force, ...(road ? { road } : {}) })
  const text = `${count(stored.rows)} rows in ${stored.table}\n${told(declared.match, stored)}`
  print({ value: stored, text }, { json: json === true })
}

async function store(
  { server, sky }: Archive,
  match: CrossMatch,
  into: string,
  { road, force = false, replace = false, constraints = false, json }: CrossMatchOptions,
): Promise<void> {
  const stored = await storeMatch(server, sky, match, into, {
    ...(road ? { road } : {}),
    force,
    replace,
    constraints,
  })
  const text = `${count(stored.rows)} rows stored in ${into}\n${told(match, stored)}`
  print({ value: stored, text }, { json: json === true })
}

async function show(archive: Archive, match: CrossMatch, options: CrossMatchOptions): Promise<void> {
  const shown: MatchRow[] = []
  const { run, counts, facts } = runOf(options)
  let rows = 0
  for await (const row of matchRows(archive.server, archive.sky, match, run, counts)) {
    rows++
    if (shown.length < options.limit) shown.push(row)
  }
  const names = matchColumns(match)
  const cells = shown.map(({ a, b, separation, rank, group }) => {
    if (group) return [...a, group.id, group.size]
    return separation === undefined ? [...a] : [...a, ...b, separation, rank]
  })
  const value = {
    ...facts(rows),
    pairs: cells.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
  }
  const drawn = cells.length === 0 ? '' : `${table(names, cells)}\n`
  const text = `${drawn}${count(rows)} ${rowsWord(match)}, ${cells.length} shown\n${told(match, value)}`
  print({ value, text }, options)
}

async function write(
  { server, sky }: Archive,
  match: CrossMatch,
  out: string,
  options: CrossMatchOptions,
): Promise<void> {
  const { run, counts, facts } = runOf(options)
  const lines = matchCsv(server, sky, match, run, counts)
  if (out === '-') {
    for await (const each of lines) process.stdout.write(each)
    return
  }
  if (existsSync(out) && !options.overwrite) {
    throw new AlmagestError(
      'EXPORT_FILE_EXISTS',
      'usage',
      `there is a file ${out} already`,
      'choose another name, or let it be replaced with --overwrite',
      { file: out },
    )
  }
  const part = `${out}.part`
  try {
    await pipeline(Readable.from(lines), createWriteStream(part))
    renameSync(part, out)
  } finally {
    rmSync(part, { force: true })
  }
  const value = { file: out, ...facts(counts.pairs) }
  print({ value, text: `${count(counts.pairs)} rows written to ${out}\n${told(match, value)}` }, options)
}

function runOf({ road, force = false }: CrossMatchOptions) {
  const counts = { pairs: 0, aRows: 0, bRows: 0, aSkipped: 0, bSkipped: 0 }
  let plan: MatchPlan = { road: 'client', reason: '' }
  return {
    run: { force, ...(road ? { road } : {}), onPlan: (made: MatchPlan) => void (plan = made) },
    counts,
    facts: (rows: number): Told => {
      const { pairs, ...sides } = counts
      return { rows, ...sides, plan }
    },
  }
}

const roadWords: Record<Road, string> = {
  server: 'by the server',
  partitions: 'by the server over several connections',
  client: 'by the client',
}

const rowsWord = ({ keep }: CrossMatch): string =>
  keep === 'unmatched' ? 'unmatched rows' : keep === 'groups' ? 'rows in groups' : 'pairs'

/** Rows that took part and were left out, and the road, in two lines. */
function told({ self }: CrossMatch, { aRows, bRows, aSkipped, bSkipped, plan }: Omit<Told, 'rows'>): string {
  const side = (name: string, rows: number, skipped: number) =>
    `${name}: ${count(rows)} rows${skipped > 0 ? `, ${count(skipped)} left out (no position or no key)` : ''}`
  const sides = self ? [side('a', aRows, aSkipped)] : [side('a', aRows, aSkipped), side('b', bRows, bSkipped)]
  return `${sides.join('; ')}\n${roadWords[plan.road]} (${plan.reason})`
}

// `almagest query`: rows of one catalogue by position, selection and conditions.
import { Command } from 'commander'
import { type KeyRing, openValue } from '../../keys/index.ts'
import { AlmagestError, type Catalog, columnNamed } from '../../model/index.ts'
import { type CatalogQuery, densityMap, from, nearest, pairCounts, type Region } from '../../sky/index.ts'
import type { Archive } from '../archive.ts'
import { readCondition } from '../condition-text.ts'
import {
  type CommonOptions,
  collect,
  databaseOptions,
  keysOf,
  keysOption,
  openArchiveFor,
  print,
  progressOf,
} from '../context.ts'
import { readSize, wholeNumber } from '../numbers.ts'
import { type RegionOptions, readRegion, regionOptions } from '../region-options.ts'
import { parts, readPosition } from '../region-text.ts'
import { count, table } from '../report.ts'
import { catalogNamed, findSurveys } from '../surveys.ts'

interface QueryOptions extends CommonOptions, RegionOptions {
  only: string[]
  where: string[]
  columns?: string
  order?: string
  limit: number
  count?: boolean
  sql?: boolean
  force?: boolean
  nearest?: string
  within?: string
  pairs?: string
  density?: number
  keys?: string
}

export function queryCommand(): Command {
  const command = keysOption(regionOptions(databaseOptions(new Command('query'))))
    .description('rows of a catalogue by position, selection and conditions')
    .argument('<catalogue>', 'table, with or without its schema')
    .option('--only <selection>', 'a selection that the catalogue declares, may be repeated', collect, [])
    .option('--where <condition>', 'e.g. "z between 0.1 and 0.2", may be repeated', collect, [])
    .option('--columns <names>', 'columns separated by commas (default: all)')
    .option('--order <column>', 'sort by this column')
    .option('--limit <rows>', 'at most so many rows', wholeNumber('--limit', 0), 20)
    .option('--count', 'only the number of rows')
    .option('--nearest <lon,lat,count>', 'the rows nearest to a position, with their separation in degrees')
    .option('--within <size>', "greatest separation of --nearest, e.g. 0.1 or 5'")
    .option('--pairs <edges>', 'numbers of pairs by separation: edges of bins, e.g. 0,0.01,0.1,1')
    .option(
      '--density <order>',
      'rows per HEALPix pixel (nested) of this order',
      wholeNumber('--density', 0, 29),
    )
    .option('--sql', 'only the SQL that would run')
    .option('--force', 'search by position even where a large table has no sky index')
  return command.action(async (name: string, options: QueryOptions) => {
    checkTogether(options)
    const catalog = catalogNamed(await findSurveys(options.catalogs), name)
    const region = await readRegion(options)
    await using archive = await openArchiveFor(options, progressOf(options))
    const query = buildQuery(catalog, archive, options, region)
    if (options.sql) return printSql(query, options)
    const statistic = await askStatistic(query, archive, options)
    if (statistic) return printTable(statistic, options)
    await (options.count ? printCount(query, archive, options) : printRows(catalog, query, archive, options))
  })
}

/** An option that would go unheard beside another is refused. @throws AlmagestError `OPTION_INVALID` */
function checkTogether(options: QueryOptions): void {
  const [first, second] = (['nearest', 'pairs', 'density', 'count', 'sql'] as const).filter(
    (each) => options[each] !== undefined && !(each === 'sql' && options.count),
  )
  if (second !== undefined)
    throw unheard(`--${first} and --${second} exclude each other`, 'Ask for one at a time.')
  if (options.within !== undefined && options.nearest === undefined)
    throw unheard('--within is the greatest separation of --nearest, which is missing', 'A circle is --cone.')
}

const unheard = (problem: string, hint: string): AlmagestError =>
  new AlmagestError('OPTION_INVALID', 'usage', problem, hint)

type Query = CatalogQuery<Catalog['columns'], string, string>

function buildQuery(
  catalog: Catalog,
  { sky }: Archive,
  options: QueryOptions,
  region: Region | undefined,
): Query {
  const columns = options.columns?.split(',').map((each) => each.trim())
  for (const name of [...(columns ?? []), ...(options.order === undefined ? [] : [options.order])])
    columnNamed(catalog, name)
  let query: Query = from(catalog, sky).limit(options.limit)
  if (columns) query = query.pick(...columns)
  for (const selection of options.only) query = query.only(selection)
  query = query.where(...options.where.map((text) => readCondition(catalog, text)))
  if (options.order !== undefined) query = query.orderBy(options.order)
  return region ? query.within(region) : query
}

function printSql(query: Query, options: QueryOptions): void {
  const { text, parameters } = options.count ? query.countSql() : query.sql()
  print({ value: { sql: text, parameters }, text: `${text}\n-- ${parameters.join(', ')}` }, options)
}

async function printCount(query: Query, { client }: Archive, options: QueryOptions): Promise<void> {
  await query.checkIndex(client, options)
  const { text, parameters } = query.countSql()
  const rows = (await client.query<{ rows: bigint }>(text, parameters)).rows[0]?.rows ?? 0n
  print({ value: { rows }, text: count(rows) }, options)
}

type Answer = readonly Readonly<Record<string, unknown>>[]

/** Neighbours, pairs or densities, where the options ask for them. */
async function askStatistic(
  query: Query,
  { client }: Archive,
  options: QueryOptions,
): Promise<Answer | undefined> {
  const { frame, force = false } = options
  if (options.density !== undefined)
    return densityMap(query, client, options.density, { force }).then(records)
  if (options.pairs !== undefined) {
    const edges = options.pairs.split(',').map((each) => readSize('--pairs', each))
    return pairCounts(query, client, edges, { force }).then(records)
  }
  if (options.nearest === undefined) return undefined
  const [lon = '', lat = '', rows = ''] = parts('--nearest', options.nearest, ['lon', 'lat', 'count'])
  const within = options.within === undefined ? {} : { within: readSize('--within', options.within) }
  return nearest(query, client, {
    to: readPosition(lon, lat, frame),
    count: wholeNumber('--nearest', 1)(rows),
    force,
    ...within,
  }).then(records)
}

const records = (rows: readonly object[]): Answer => rows.map((row) => ({ ...row }))

async function printRows(
  catalog: Catalog,
  query: Query,
  { client }: Archive,
  options: QueryOptions,
): Promise<void> {
  const keys = keysOf(options)
  const rows = (await query.rows(client, options)) as Record<string, unknown>[]
  printTable(
    rows.map((row) => opened(catalog, row, keys)),
    options,
  )
}

/** The row with encrypted values opened; without keys it says that they are. */
function opened(catalog: Catalog, row: Record<string, unknown>, keys: KeyRing | undefined) {
  const values = Object.entries(row).map(([name, value]) => {
    const column = catalog.columns[name]
    if (!column?.encrypts || value === null) return [name, value]
    return [
      name,
      keys ? openValue(keys, `${catalog.name}.${name}`, column, value as Uint8Array) : '(encrypted)',
    ]
  })
  return Object.fromEntries(values) as Record<string, unknown>
}

function printTable(rows: Answer, options: QueryOptions): void {
  const names = Object.keys(rows[0] ?? {})
  const text =
    rows.length === 0
      ? 'no rows'
      : table(
          names,
          rows.map((row) => names.map((each) => row[each])),
        )
  print({ value: rows, text }, options)
}

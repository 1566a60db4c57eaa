// The one scan of a table: all aggregates of all its column checks in one statement, by file.
import type { Catalog } from '../model/index.ts'
import { quoteIdentifier, quoteQualified, type Row } from '../postgres/index.ts'
import type { Aggregate, FileMeasures, Measures, RunContext, ScanCheck, Scanned } from './check.ts'

/** FROM and WHERE of a run: the table, or the share and the files that the run is restricted to. */
export function fromSql({ catalog, facts, share, onlyFiles }: RunContext): string {
  const sample = share < 1 ? ` TABLESAMPLE SYSTEM (${100 * share}) REPEATABLE (1)` : ''
  const restricted = onlyFiles && facts.fileColumn
  const files = restricted
    ? ` WHERE ${quoteIdentifier(facts.fileColumn!)} IN (${onlyFiles.join(', ') || 'NULL'})`
    : ''
  return `FROM ${quoteQualified(catalog.name)}${sample}${files}`
}

/** FROM and WHERE for about as many rows as are wanted, from pages all over the table; of these files alone, where given. */
export function fewRowsSql(
  { catalog, facts, onlyFiles }: RunContext,
  rows: number,
  wanted: number,
  files: readonly number[] | undefined = onlyFiles,
): string {
  // Twice as many are drawn: whole pages come or don't.
  const percent = Math.min(100, (200 * wanted) / Math.max(1, rows))
  const restricted = files && facts.fileColumn
  const where = restricted
    ? ` WHERE ${quoteIdentifier(facts.fileColumn!)} IN (${files.join(', ') || 'NULL'})`
    : ''
  return `FROM ${quoteQualified(catalog.name)} TABLESAMPLE SYSTEM (${percent}) REPEATABLE (1)${where}`
}

/** The statement that computes the aggregates, which are named a0, a1, ... in the order given. */
export function scanSql(context: RunContext, aggregates: readonly string[]): string {
  const file = context.facts.fileColumn
  const own = file ? `coalesce(${quoteIdentifier(file)}, 0)` : '0'
  const list = aggregates.map((sql, i) => `  (${sql})::float8 AS a${i}`)
  // By the bare column: an expression would have the server copy every row first.
  const group = file ? `\nGROUP BY ${quoteIdentifier(file)}` : ''
  return [`SELECT ${own} AS file, count(*)::float8 AS n${list.length > 0 ? ',' : ''}`, list.join(',\n')]
    .filter((part) => part !== '')
    .join('\n')
    .concat(`\n${fromSql(context)}${group}`)
}

/** Pages of the table that the sample of this run has rows of. */
export async function sampledPages(context: RunContext): Promise<number> {
  const { rows } = await context.client.query<Row & { pages: number }>(
    `SELECT count(DISTINCT (tableoid, (ctid::text::point)[0]))::float8 AS pages ${fromSql(context)}`,
  )
  return rows[0]!.pages
}

/**
 * Runs the scan for these checks: what it found for each of them, in their order. Checks whose screen tells that nothing
 * is to be counted are not counted; what is left takes a second scan.
 */
export async function scan(context: RunContext, checks: readonly ScanCheck[]): Promise<Scanned[]> {
  const first = await measure(
    context,
    checks.map(({ screen, aggregates }) => screen?.aggregates ?? aggregates),
  )
  const open = checks.filter(({ screen }, i) => screen && !first[i]!.every((file) => screen.clears(file)))
  const second =
    open.length > 0
      ? await measure(
          context,
          open.map(({ aggregates }) => aggregates),
        )
      : []
  return checks.map((check, i) => {
    const { aggregates, screen } = check
    const counted = open.includes(check) ? second[open.indexOf(check)]! : first[i]!
    const files = screen && !open.includes(check) ? counted.map((file) => cleared(file, aggregates)) : counted
    return {
      rows: files.reduce((sum, each) => sum + each.rows, 0),
      total: merge(aggregates, files),
      files,
      share: context.share,
      onlyFiles: context.onlyFiles,
    }
  })
}

type Aggregates = Readonly<Record<string, Aggregate>>

/** One scan for several sets of aggregates: for each of them the measures by file. */
async function measure(context: RunContext, sets: readonly Aggregates[]): Promise<FileMeasures[][]> {
  const texts = [...new Set(sets.flatMap((set) => Object.values(set).map(({ sql }) => sql)))]
  const { rows } = await context.client.query<Row & { file: number; n: number }>(scanSql(context, texts))
  const places = new Map(texts.map((sql, i) => [sql, `a${i}`]))
  const found = rows.filter(({ n }) => n > 0)
  return sets.map((set) =>
    found.map((row) => ({
      file: row.file,
      rows: row.n,
      measures: mapValues(set, ({ sql }) => row[places.get(sql)!] as number | null),
    })),
  )
}

const cleared = (file: FileMeasures, aggregates: Aggregates): FileMeasures => ({
  ...file,
  measures: mapValues(aggregates, () => 0),
})

/** Measures of several files as those of all of them. */
export function merge(aggregates: Aggregates, files: readonly FileMeasures[]): Measures {
  return Object.fromEntries(
    Object.entries(aggregates).map(([name, { merge: how }]) => {
      const values = files.map(({ measures }) => measures[name]).filter((value) => value != null)
      if (values.length === 0) return [name, null]
      if (how === 'sum') return [name, values.reduce((sum, value) => sum + value, 0)]
      return [name, values.reduce((a, b) => (how === 'min' ? Math.min(a, b) : Math.max(a, b)))]
    }),
  )
}

function mapValues<V, W>(object: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]))
}

/** Quoted names of columns of a catalogue that are there in the table and hold plain numbers. */
export function numericColumns(catalog: Catalog, only: (type: string) => boolean = () => true): string[] {
  const numeric = ['bigint', 'integer', 'smallint', 'double precision', 'real']
  return Object.keys(catalog.columns).filter((name) => {
    const { type } = catalog.columns[name]!
    return numeric.includes(type) && only(type)
  })
}

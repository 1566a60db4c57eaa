// A plan: what would change in a survey's schema, with locks, hazards and the size of the work, as value and as text.
import type { Survey } from '../model/index.ts'
import { declaredFingerprint } from './apply.ts'
import type { Change, Lock, Stage } from './changes/change.ts'
import { stages } from './changes/change.ts'
import type { Client, Row } from './connection.ts'
import { inspectSchema } from './inspect.ts'
import { blocks } from './migrate/blocking.ts'
import { planChanges, stageSql } from './plan-changes.ts'
import { declaredRenames } from './renames.ts'
import type { SkyContribution } from './sky-contribution.ts'

export interface PlannedChange {
  readonly kind: string
  readonly object: string
  readonly lock: Lock | null
  readonly tables: readonly string[]
  readonly work: Change['work']
  /** Bytes that the server reads or writes, from the table statistics; 0 when it touches no rows. */
  readonly bytes: number
  /** Rows of the tables, as the statistics estimate them. */
  readonly rows: number
  /** `bytes` at the assumed rate. */
  readonly seconds: number
  /** Whether others wait for the tables while the rows are worked on. */
  readonly blocks: boolean
  readonly hazards: readonly string[]
  readonly loses: string | null
}

export interface Plan {
  readonly survey: string
  readonly schema: string
  readonly changes: readonly PlannedChange[]
  /** The statements of each stage that has any, in order. */
  readonly sql: readonly {
    readonly stage: Stage
    readonly transactional: boolean
    readonly statements: readonly string[]
  }[]
}

/** Bytes a second for estimates of time: an assumption, low for a solid-state disk. */
const assumedRate = 100e6

/**
 * What would bring the database to the declaration. Changes nothing.
 * @throws AlmagestError `PLAN_UNSUPPORTED` for a difference that needs a step by hand
 */
export async function makePlan(client: Client, survey: Survey, sky: SkyContribution): Promise<Plan> {
  await client.query('BEGIN')
  try {
    for (const statement of sky.install) await client.query(statement)
    const from = await inspectSchema(client, survey.schema)
    const to = await declaredFingerprint(client, survey, sky)
    const { renames, changes } = await planChanges(client, from, to, declaredRenames(survey))
    const all = [...renames, ...changes]
    const sizes = await tableSizes(client, survey.schema)
    return {
      survey: survey.name,
      schema: survey.schema,
      changes: all.map((change) => planned(change, sizes)),
      sql: stages
        .map((stage) => ({
          stage,
          transactional: stage !== 'index' && stage !== 'backfill',
          statements: stageSql(all, stage),
        }))
        .filter(({ statements }) => statements.length > 0),
    }
  } finally {
    // The functions of the sky index and the copies were for comparison only.
    await client.query('ROLLBACK')
  }
}

export interface Size {
  readonly rows: number
  readonly bytes: number
}

/** Rows and bytes of a schema's tables, by the server's statistics. */
export async function tableSizes(client: Client, schema: string): Promise<Map<string, Size>> {
  const { rows } = await client.query<Size & { name: string } & Row>(
    `SELECT c.relname AS name, sum(greatest(leaf.reltuples, 0))::float8 AS rows, sum(pg_table_size(leaf.oid))::float8 AS bytes
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_class leaf ON leaf.oid = c.oid AND c.relkind = 'r'
       OR c.relkind = 'p' AND leaf.oid IN (SELECT relid FROM pg_partition_tree(c.oid) WHERE isleaf)
     WHERE nspname = $1 AND c.relkind IN ('r', 'p') GROUP BY c.oid, c.relname`,
    [schema],
  )
  return new Map(rows.map((row) => [row.name, row]))
}

function planned(change: Change, sizes: ReadonlyMap<string, Size>): PlannedChange {
  const { kind, object, lock, tables, work, hazards, loses, steps } = change
  const size = sizes.get(tables[0] ?? '') ?? { rows: 0, bytes: 0 }
  const bytes = work === 'none' ? 0 : work === 'scan' ? size.bytes : 2 * size.bytes
  return {
    kind,
    object,
    lock: lock ?? null,
    tables,
    work,
    bytes,
    rows: size.rows,
    seconds: bytes / assumedRate,
    blocks: blocks({ work, steps }),
    hazards,
    loses: loses ?? null,
  }
}

/** A plan as text: a line per change with what hangs on it, then the statements. */
export function printPlan({ survey, schema, changes, sql }: Plan): string {
  if (changes.length === 0) return `${survey}: schema ${schema} is as declared, nothing to change`
  return [
    `${survey}: ${changes.length} ${changes.length === 1 ? 'change' : 'changes'} in schema ${schema}`,
    ...changes.map(changeText),
    ...sql.map(({ stage, transactional, statements }) =>
      [
        `-- ${stage}${transactional ? '' : ' (each outside a transaction)'}`,
        ...statements.map((each) => `${each};`),
      ].join('\n'),
    ),
  ].join('\n')
}

function changeText({
  kind,
  object,
  lock,
  work,
  bytes,
  seconds,
  blocks,
  hazards,
  loses,
}: PlannedChange): string {
  const notes = [
    ...(lock ? [`lock: ${lock}`] : []),
    ...(work === 'none' || bytes === 0
      ? []
      : [
          `${work === 'backfill' ? 'fills' : `${work}s`} about ${size(bytes)}, ${duration(seconds)} at ${assumedRate / 1e6} MB/s`,
        ]),
    ...(blocks && bytes > 0 ? ['BLOCKS others meanwhile'] : []),
    ...(loses === null ? [] : [`LOSES ${loses}`]),
    ...hazards,
  ]
  return [`  ${kind} ${object}`, ...notes.map((note) => `    ${note}`)].join('\n')
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(0)} MB`
}

function duration(seconds: number): string {
  return seconds < 1 ? 'under 1 s' : `${Math.ceil(seconds)} s`
}

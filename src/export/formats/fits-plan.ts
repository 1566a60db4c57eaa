// What a FITS header must say before the first row: rows, widths of texts, lengths of arrays, a number for NULL.
import { quoteIdentifier } from '../../postgres/index.ts'
import type { ExportColumn } from '../columns.ts'
import { exportError } from '../errors.ts'
import type { ExportRows } from '../rows.ts'
import { momentLength } from '../value-text.ts'

export interface ColumnPlan {
  readonly tform: string
  /** Elements of a row's cell, bytes of a text. */
  readonly repeat: number
  /** TNULL, where a NULL occurs in an integer column. */
  readonly nullValue?: number | bigint
}

export interface TablePlan {
  readonly rowCount: number
  readonly plans: readonly ColumnPlan[]
}

/** Codes of the types of fixed width (FITS 4.0, table 18). */
const codes = {
  boolean: 'L',
  smallint: 'I',
  integer: 'J',
  bigint: 'K',
  real: 'E',
  'double precision': 'D',
  'real[]': 'E',
  'double precision[]': 'D',
  'bigint[]': 'K',
} as const

/**
 * Asks the server, in the snapshot of the rows, for what the header needs.
 * @throws AlmagestError `EXPORT_TEXT_NOT_ASCII`, `EXPORT_ARRAYS_DIFFER`, `EXPORT_NO_NULL`
 */
export async function planTable(rows: ExportRows): Promise<TablePlan> {
  const planners = rows.columns.map(plannerOf)
  const answers = await rows.overAll([
    'count(*)',
    ...planners.map(({ ask }) => `ARRAY[${ask.join(', ')}]::bigint[]`),
  ])
  const plans: ColumnPlan[] = []
  for (const [i, planner] of planners.entries()) {
    plans.push(await planner.plan(answers[i + 1] as (bigint | null)[], rows))
  }
  return { rowCount: Number(answers[0]), plans }
}

interface Planner {
  /** Aggregates over the rows, of type bigint. */
  readonly ask: readonly string[]
  plan(answers: readonly (bigint | null)[], rows: ExportRows): ColumnPlan | Promise<ColumnPlan>
}

function plannerOf(column: ExportColumn): Planner {
  switch (column.type) {
    case 'text':
      return textPlanner(column)
    case 'timestamp':
      return { ask: [], plan: () => ({ tform: `${momentLength}A`, repeat: momentLength }) }
    case 'bigint':
    case 'integer':
    case 'smallint':
      return column.nullable ? integerPlanner(column, column.type) : fixedPlanner(column.type)
    case 'real[]':
    case 'double precision[]':
    case 'bigint[]':
      return arrayPlanner(column, column.type)
    default:
      return fixedPlanner(column.type)
  }
}

function fixedPlanner(type: keyof typeof codes): Planner {
  return { ask: [], plan: () => ({ tform: codes[type], repeat: 1 }) }
}

/** Collation C makes the range of characters that of their codes. */
function textPlanner({ name }: ExportColumn): Planner {
  const column = quoteIdentifier(name)
  const foreign = `${column} COLLATE "C" ~ '[^ -~]'`
  return {
    ask: [`max(octet_length(${column}))`, `max((${foreign})::int)`],
    async plan([width, hasForeign], rows) {
      if (hasForeign) throw notAscii(name, String(await rows.firstWhere(column, foreign)))
      // A column of no width would be skipped by some readers.
      const repeat = Math.max(1, Number(width ?? 0))
      return { tform: `${repeat}A`, repeat }
    },
  }
}

/** Numbers tried for TNULL, the unlikeliest first. */
function nullCandidates(type: 'bigint' | 'integer' | 'smallint'): bigint[] {
  const limit = { bigint: 2n ** 63n, integer: 2n ** 31n, smallint: 2n ** 15n }[type]
  return [0n, 1n, 2n, 3n].flatMap((step) => [-limit + step, limit - 1n - step])
}

function integerPlanner({ name }: ExportColumn, type: 'bigint' | 'integer' | 'smallint'): Planner {
  const column = quoteIdentifier(name)
  const candidates = nullCandidates(type)
  return {
    ask: [
      `max((${column} IS NULL)::int)`,
      // A quoted literal: a bare one would read -9223372036854775808 as the negative of a number too large.
      ...candidates.map((each) => `max((${column} = '${each}')::int)`),
    ],
    plan([hasNull, ...taken]) {
      const plan = { tform: codes[type], repeat: 1 }
      return hasNull ? { ...plan, nullValue: freeCandidate(name, candidates, taken) } : plan
    },
  }
}

function freeCandidate(
  name: string,
  candidates: readonly bigint[],
  taken: readonly (bigint | null)[],
): bigint | number {
  const free = candidates.find((_, i) => !taken[i])
  if (free === undefined) {
    throw exportError('EXPORT_NO_NULL', `Column ${name} holds NULL and also ${candidates.join(', ')}`, {
      column: name,
    })
  }
  return free >= -(2n ** 31n) && free < 2n ** 31n ? Number(free) : free
}

function arrayPlanner({ name }: ExportColumn, type: 'real[]' | 'double precision[]' | 'bigint[]'): Planner {
  const column = quoteIdentifier(name)
  const candidates = type === 'bigint[]' ? nullCandidates('bigint') : []
  return {
    ask: [
      `min(cardinality(${column}))`,
      `max(cardinality(${column}))`,
      `max((${column} IS NULL OR array_position(${column}, NULL) IS NOT NULL)::int)`,
      ...candidates.map((each) => `max(('${each}' = ANY(${column}))::int)`),
    ],
    plan([least, most, hasNull, ...taken]) {
      if (least !== most) throw arraysDiffer(name, least, most)
      // Without any array the length is free; astropy can't read columns of none.
      const repeat = Number(most ?? 1)
      const plan = { tform: `${repeat}${codes[type]}`, repeat }
      const needed = hasNull && candidates.length > 0
      return needed ? { ...plan, nullValue: freeCandidate(name, candidates, taken) } : plan
    },
  }
}

function notAscii(name: string, value: string) {
  return exportError(
    'EXPORT_TEXT_NOT_ASCII',
    `Column ${name} holds "${value}", which is not printable ASCII`,
    {
      column: name,
      value,
    },
  )
}

function arraysDiffer(name: string, least: bigint | null | undefined, most: bigint | null | undefined) {
  return exportError('EXPORT_ARRAYS_DIFFER', `Column ${name} has arrays of ${least} to ${most} elements`, {
    column: name,
  })
}

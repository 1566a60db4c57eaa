// SQL types as the grammar gives them, and which change of type keeps every value.
import type { TypeName } from 'libpg-query'
import { textsOf } from './nodes.ts'

const canonical: Readonly<Record<string, string>> = {
  int2: 'smallint',
  smallserial: 'smallint',
  int4: 'integer',
  serial: 'integer',
  int8: 'bigint',
  bigserial: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
  bpchar: 'character',
  timestamptz: 'timestamp with time zone',
}

/** e.g. `double precision`, `numeric(8,2)`, `real[]`; without the schema. */
export function typeText({ names, typmods, arrayBounds }: TypeName): string {
  const name = textsOf(names).at(-1) ?? '?'
  const limits = (typmods ?? []).map((each) => ('A_Const' in each ? (each.A_Const.ival?.ival ?? 0) : '?'))
  return `${canonical[name] ?? name}${limits.length ? `(${limits.join(',')})` : ''}${'[]'.repeat(arrayBounds?.length ?? 0)}`
}

/** Every value of the first is a value of the second, exactly. */
const wider: Readonly<Record<string, readonly string[]>> = {
  smallint: ['integer', 'bigint', 'real', 'double precision', 'numeric'],
  integer: ['bigint', 'double precision', 'numeric'],
  bigint: ['numeric'],
  real: ['double precision'],
  character: ['text', 'varchar'],
  varchar: ['text'],
  text: ['varchar'],
  date: ['timestamp'],
}
const numbers = ['smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric']

export type TypeChange = 'same' | 'wider' | 'narrower' | 'other'

/** What a change of type does to values: `narrower` rounds or refuses some, `other` reads them anew. */
export function typeChange(before: string, after: string): TypeChange {
  if (before === after) return 'same'
  const [from, to] = [split(before), split(after)]
  if (from.dimensions !== to.dimensions) return 'other'
  const fits = to.limit === '' || (from.limit !== '' && limitFits(from.limit, to.limit))
  if (from.base === to.base) return fits ? 'wider' : 'narrower'
  if (wider[from.base]?.includes(to.base)) return fits ? 'wider' : 'narrower'
  if (numbers.includes(from.base) && numbers.includes(to.base)) return 'narrower'
  if (to.base === 'text' && to.dimensions === '') return 'wider'
  if (['text', 'varchar'].includes(from.base) && ['varchar', 'character'].includes(to.base)) return 'narrower'
  if (/^timestamp/.test(from.base) && to.base === 'date') return 'narrower'
  return 'other'
}

function split(type: string) {
  const [, base = type, limit = '', dimensions = ''] = /^([^([]+)(\([^)]*\))?((?:\[\])*)$/.exec(type) ?? []
  return { base, limit, dimensions }
}

function limitFits(from: string, to: string): boolean {
  const [a, b] = [from, to].map((each) => each.slice(1, -1).split(',').map(Number))
  // Of numeric(precision, scale) both the digits before and after the point must fit.
  const [scaleA, scaleB] = [a![1] ?? 0, b![1] ?? 0]
  return a![0]! - scaleA <= b![0]! - scaleB && scaleA <= scaleB
}

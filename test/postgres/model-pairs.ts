// Random pairs of surveys, the second a changed first: what a plan between two definitions may meet.
import fc from 'fast-check'
import {
  byServer,
  type Catalog,
  type Column,
  type ColumnConditions,
  defineCatalog,
  defineSurvey,
  float32,
  float64,
  int16,
  int32,
  int64,
  type Survey,
  sameColumns,
  text,
} from '../../src/model/index.ts'

export interface ColumnDraft {
  readonly type: 'smallint' | 'integer' | 'bigint' | 'real' | 'double precision' | 'text'
  readonly required: boolean
  readonly fallback: boolean
  readonly described: string
  readonly vocabulary: readonly string[] | null
  readonly renamed?: string
}

export interface TableDraft {
  readonly columns: Readonly<Record<string, ColumnDraft>>
  readonly unique: readonly string[]
  readonly indexes: readonly string[]
  readonly partial: boolean
  /** Whether the table refers to an earlier one. */
  readonly refers: boolean
  /** Number of hash partitions; 0 for none. */
  readonly parts: number
  readonly renamed?: string
}

export type Draft = Readonly<Record<string, TableDraft>>
export interface Pair {
  readonly before: Draft
  readonly after: Draft
}

const names = ['a', 'b', 'c', 'select', 'd']
/** "x" is in every vocabulary, so that rows can be right on both sides. */
const words = ['x', "o'h", 'survey.z', 'y']

const column: fc.Arbitrary<ColumnDraft> = fc.record({
  type: fc.constantFrom('smallint', 'integer', 'bigint', 'real', 'double precision', 'text'),
  required: fc.boolean(),
  fallback: fc.boolean(),
  described: fc.constantFrom('One.', "Two's.", 'Three; four.'),
  vocabulary: fc.option(fc.subarray(words.slice(1)).map((some) => ['x', ...some])),
})

const table: fc.Arbitrary<TableDraft> = fc
  .record({
    columns: fc.dictionary(fc.constantFrom(...names), column, { minKeys: 1, maxKeys: 4 }),
    unique: fc.subarray(names),
    indexes: fc.subarray(names),
    partial: fc.boolean(),
    refers: fc.boolean(),
    parts: fc.constantFrom(0, 0, 2, 3),
  })
  .map((draft) => withoutDangling({ ...draft, columns: { ...draft.columns } }))

/** Key lists name only columns that are there. */
function withoutDangling(draft: TableDraft): TableDraft {
  const there = (name: string) => draft.columns[name] !== undefined
  return { ...draft, unique: draft.unique.filter(there), indexes: draft.indexes.filter(there) }
}

type Edit = (draft: Draft) => Draft
const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)]!

/** One change of a definition; it does nothing where it does not apply. */
const edit: fc.Arbitrary<Edit> = fc
  .record({
    kind: fc.constantFrom(
      'table',
      'no table',
      'column',
      'no column',
      'alter',
      'rename column',
      'rename table',
      'keys',
    ),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    within: fc.double({ min: 0, max: 0.999, noNaN: true }),
    name: fc.constantFrom(...names),
    table,
    column,
    keys: fc.record({
      unique: fc.subarray(names),
      indexes: fc.subarray(names),
      partial: fc.boolean(),
      refers: fc.boolean(),
      parts: fc.constantFrom(0, 0, 2, 3),
    }),
  })
  .map((e) => (draft: Draft) => {
    const tables = Object.keys(draft)
    const chosen = pick(tables, e.at)
    const { [chosen]: old, ...others } = draft
    const put = (changed: TableDraft): Draft => ({ ...draft, [chosen]: withoutDangling(changed) })
    const columns = Object.keys(old!.columns)
    const target = pick(columns, e.within)
    switch (e.kind) {
      case 'table':
        return draft[`new_${e.name}`] ? draft : { ...draft, [`new_${e.name}`]: e.table }
      case 'no table':
        return tables.length > 1 ? others : draft
      case 'column':
        return columns.includes(`n_${e.name}`)
          ? draft
          : put({ ...old!, columns: { ...old!.columns, [`n_${e.name}`]: { ...e.column, fallback: true } } })
      case 'no column': {
        const { [target]: _, ...left } = old!.columns
        return put({ ...old!, columns: left })
      }
      case 'alter':
        return target === undefined
          ? draft
          : put({ ...old!, columns: { ...old!.columns, [target]: altered(old!.columns[target]!, e.column) } })
      case 'rename column': {
        if (target === undefined || old!.columns[target]!.renamed || columns.includes(`${target}2`))
          return draft
        const { [target]: moved, ...left } = old!.columns
        const here = (list: readonly string[]) => list.map((each) => (each === target ? `${target}2` : each))
        return put({
          ...old!,
          columns: { ...left, [`${target}2`]: { ...moved!, renamed: target } },
          unique: here(old!.unique),
          indexes: here(old!.indexes),
        })
      }
      case 'rename table':
        return chosen.length > 6 || draft[`${chosen}_two`]
          ? draft
          : { ...others, [`${chosen}_two`]: { ...old!, renamed: chosen } }
      default:
        return put({ ...old!, ...e.keys })
    }
  })

/** A required column keeps a default, for the rows that are there when it is added. Text stays text and a number a number: other conversions depend on the rows. */
function altered(before: ColumnDraft, after: ColumnDraft): ColumnDraft {
  const same = (before.type === 'text') === (after.type === 'text')
  return {
    ...after,
    fallback: before.fallback || after.fallback,
    type: same ? after.type : before.type,
    ...(before.renamed ? { renamed: before.renamed } : {}),
  }
}

export const pair: fc.Arbitrary<Pair> = fc
  .tuple(
    fc.dictionary(fc.constantFrom('t', 'u', 'order'), table, { minKeys: 1, maxKeys: 3 }),
    fc.array(edit, { minLength: 1, maxLength: 6 }),
  )
  .map(([drawn, edits]) => {
    const before = { ...drawn }
    return { before, after: edits.reduce((draft, change) => change(draft), before as Draft) }
  })

export function surveyOf(draft: Draft): Survey {
  const catalogs: Catalog[] = []
  for (const [name, each] of Object.entries(draft)) {
    // A new table has no rows that others could refer to.
    const target = catalogs.find((catalog) => !catalog.table.startsWith('new_'))
    catalogs.push(catalogOf(name, each, target))
  }
  // Views of all tables, under names that stay whatever the tables are called.
  const views = catalogs.map(
    (from, i) => [`v${i}`, { title: 'View', from, columns: sameColumns(from) }] as const,
  )
  const published = [{ name: 'pairs_v1', title: 'Pairs', readers: [], views: Object.fromEntries(views) }]
  return defineSurvey({ name: 'pairs', title: 'Pairs', schema: 'pairs', version: '1', catalogs, published })
}

const builders = {
  smallint: int16,
  integer: int32,
  bigint: int64,
  real: float32,
  'double precision': float64,
}

function columnOf({ type, required, fallback, described, vocabulary, renamed }: ColumnDraft): Column {
  const source = byServer('test')
  const options = { required, ...(renamed ? { renamed } : {}) }
  if (type !== 'text')
    return builders[type](source, described, {
      ...options,
      unit: 'deg',
      ...(fallback ? { default: '7' } : {}),
    })
  return text(source, described, {
    ...options,
    ...(fallback ? { default: "'x'" } : {}),
    ...(vocabulary ? { oneOf: vocabulary } : {}),
  })
}

function catalogOf(table: string, draft: TableDraft, first: Catalog | undefined): Catalog {
  const columns = Object.fromEntries(
    Object.entries(draft.columns).map(([name, each]) => [name, columnOf(each)]),
  )
  const indexed = draft.indexes.length > 0
  return defineCatalog({
    name: `pairs.${table}`,
    title: `Table ${table}`,
    columns: { id: int64(byServer('test'), 'Key.'), ...columns },
    key: ['id'],
    unique: draft.unique.map((name) => ['id', name]),
    ...(draft.renamed ? { renamed: draft.renamed } : {}),
    ...(draft.parts ? { partition: { by: 'hash', column: 'id', parts: draft.parts } } : {}),
    foreignKeys: first && draft.refers ? [{ columns: ['id'], references: first.name, key: ['id'] }] : [],
    selections: { some: ({ id }: Record<string, ColumnConditions>) => [id!.above(1)] },
    indexes: indexed
      ? {
          [`idx_${table}`]: {
            btree: draft.indexes,
            ...(draft.partial ? { only: 'some' } : {}),
            // a partial one also has a column beside the sorted ones
            ...(draft.partial && !draft.indexes.includes('id') ? { include: ['id'] } : {}),
          },
        }
      : {},
  } as never) as unknown as Catalog
}

// The DDL that follows from a survey's declaration.
import {
  type Catalog,
  type Column,
  isRequired,
  type Partition,
  type Survey,
  showRange,
} from '../model/index.ts'
import { selectionSql } from './conditions.ts'
import { quoteIdentifier, quoteLiteral, shortName } from './identifiers.ts'
import type { SkyContribution } from './sky-contribution.ts'

/** A statement and the object it makes, so that a missing object can be made alone. */
export interface Statement {
  /** `schema`, `table name`, `index name`, `comment on name` … */
  readonly makes: string
  readonly sql: string
}

/** An index or a constraint that can be dropped before a bulk load and made again after it. */
export interface AfterLoad {
  readonly name: string
  readonly create: string
  readonly drop: string
}

/**
 * All statements that build a survey's schema in an empty database, in order.
 * @param schema  another schema than the survey's own, for a comparison build
 */
export function surveyDdl(survey: Survey, sky: SkyContribution, schema = survey.schema): Statement[] {
  return [
    { makes: 'schema', sql: `CREATE SCHEMA ${quoteIdentifier(schema)}` },
    ...survey.catalogs.flatMap((catalog) => catalogDdl(catalog, sky, schema)),
  ]
}

/** The statements for one table: itself, its secondary indexes and its comments. */
export function catalogDdl(catalog: Catalog, sky: SkyContribution, schema = catalog.schema): Statement[] {
  return [
    { makes: `table ${catalog.table}`, sql: createTable(catalog, schema) },
    ...partitionsOf(catalog).map(({ table, parent, bounds, divided }) => ({
      makes: `table ${table}`,
      sql: `CREATE TABLE ${quoteIdentifier(schema, table)} PARTITION OF ${quoteIdentifier(schema, parent)} ${bounds}${divided}`,
    })),
    ...secondaryIndexes(catalog, sky, schema).map(({ name, create }) => ({
      makes: `index ${name}`,
      sql: create,
    })),
    ...foreignKeys(catalog, schema).map(({ name, create }) => ({
      makes: `constraint ${catalog.table}.${name}`,
      sql: create,
    })),
    ...comments(catalog, schema),
  ]
}

/** The catalogue's indexes that are neither its key nor unique constraints. */
export function secondaryIndexes(
  catalog: Catalog,
  sky: SkyContribution,
  schema = catalog.schema,
): AfterLoad[] {
  const index = (name: string, definition: string): AfterLoad => ({
    name,
    create: partitionedIndex(catalog, schema, name, definition),
    drop: `DROP INDEX IF EXISTS ${quoteIdentifier(schema, name)}`,
  })
  const declared = Object.entries(catalog.indexes).map(([name, { btree, include, only }]) =>
    index(
      name,
      `USING btree (${list(btree)})${include ? ` INCLUDE (${list(include)})` : ''}${only === undefined ? '' : ` WHERE ${selectionSql(catalog, only)}`}`,
    ),
  )
  if (!catalog.sky) return declared
  const { ra, dec, index: name, healpix } = catalog.sky
  // the function comes with every sky index
  const number = `${quoteIdentifier('public', 'healpix_nest')}(29, ${list([ra, dec])})`
  return [
    index(name, sky.indexOn(catalog.sky)),
    ...(healpix === undefined ? [] : [index(healpix, `USING btree (${number})`)]),
    ...declared,
  ]
}

/** The catalogue's references to other tables. */
export function foreignKeys(catalog: Catalog, schema = catalog.schema): AfterLoad[] {
  const table = quoteIdentifier(schema, catalog.table)
  return catalog.foreignKeys.map(({ columns, references, key }) => {
    const name = `${catalog.table}_${columns.join('_')}_fkey`
    const target = quoteIdentifier(schema, references.split('.')[1]!)
    const definition = `FOREIGN KEY (${list(columns)}) REFERENCES ${target} (${list(key)})`
    return {
      name,
      create: `ALTER TABLE ${table} ADD ${constraint(name, definition)}`,
      drop: `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`,
    }
  })
}

/** On a partitioned table each partition's index is made by name and attached, so that it is called the same everywhere. */
function partitionedIndex(catalog: Catalog, schema: string, name: string, definition: string): string {
  const on = (index: string, table: string) =>
    `CREATE INDEX ${quoteIdentifier(index)} ON ${table} ${definition}`
  const table = quoteIdentifier(schema, catalog.table)
  const partitions = partitionsOf(catalog)
  if (partitions.length === 0) return on(name, table)
  return [
    on(name, `ONLY ${table}`),
    ...partitions.flatMap((each) => {
      const own = shortName(`${name}${each.suffix}`)
      const whole = shortName(`${name}${each.above}`)
      return [
        on(own, `${each.divided ? 'ONLY ' : ''}${quoteIdentifier(schema, each.table)}`),
        `ALTER INDEX ${quoteIdentifier(schema, whole)} ATTACH PARTITION ${quoteIdentifier(schema, own)}`,
      ]
    }),
  ].join(';\n')
}

interface PartitionTable {
  readonly table: string
  /** What its name, and that of the table it is part of, have after the whole table's. */
  readonly suffix: string
  readonly above: string
  readonly parent: string
  readonly bounds: string
  /** How it is divided in turn, as SQL; empty when it is not. */
  readonly divided: string
}

/** The partitions of a table, covering every value, each before those within it; none when it is not partitioned. */
export function partitionsOf(
  { table, partition }: { readonly table: string; readonly partition?: Partition },
  above = '',
): PartitionTable[] {
  if (!partition) return []
  const { within } = partition
  return boundsOf(partition).flatMap(([name, bounds]) => {
    const suffix = `${above}_${name}`
    const own: PartitionTable = {
      table: shortName(`${table}${suffix}`),
      suffix,
      above,
      parent: shortName(`${table}${above}`),
      bounds,
      divided: dividedSql(within),
    }
    return [own, ...(within ? partitionsOf({ table, partition: within }, suffix) : [])]
  })
}

/** Each partition's part of the name, and its bounds. */
function boundsOf(partition: Partition): [name: string | number, bounds: string][] {
  switch (partition.by) {
    case 'hash':
      return Array.from({ length: partition.parts }, (_, i) => [
        i,
        `FOR VALUES WITH (MODULUS ${partition.parts}, REMAINDER ${i})`,
      ])
    case 'range': {
      const edges = ['MINVALUE', ...partition.bounds, 'MAXVALUE']
      return edges.slice(1).map((end, i) => [i, `FOR VALUES FROM (${edges[i]}) TO (${end})`])
    }
    case 'list': {
      const literal = (value: string | number) => (typeof value === 'string' ? quoteLiteral(value) : value)
      return [
        ...Object.entries(partition.values).map(([name, values]): [string, string] => [
          name,
          `FOR VALUES IN (${values.map(literal).join(', ')})`,
        ]),
        ['others', 'DEFAULT'],
      ]
    }
  }
}

function dividedSql(partition: Partition | undefined): string {
  return partition ? ` PARTITION BY ${partition.by.toUpperCase()} (${quoteIdentifier(partition.column)})` : ''
}

function createTable(catalog: Catalog, schema: string): string {
  const lines = [
    ...Object.entries(catalog.columns).map(([name, column]) => columnDdl(catalog, name, column)),
    constraint(`${catalog.table}_pkey`, `PRIMARY KEY (${list(catalog.key)})`),
    ...catalog.unique.map((columns) =>
      constraint(`${catalog.table}_${columns.join('_')}_key`, `UNIQUE (${list(columns)})`),
    ),
    ...vocabularyChecks(catalog),
  ]
  return `CREATE TABLE ${quoteIdentifier(schema, catalog.table)} (\n  ${lines.join(',\n  ')}\n)${dividedSql(catalog.partition)}`
}

function columnDdl(catalog: Catalog, name: string, column: Column): string {
  const required = isRequired(catalog, name) ? ' NOT NULL' : ''
  const fallback = column.default === undefined ? '' : ` DEFAULT ${column.default}`
  return `${quoteIdentifier(name)} ${column.type}${required}${fallback}`
}

function vocabularyChecks(catalog: Catalog): string[] {
  return Object.entries(catalog.columns).flatMap(([name, { oneOf }]) =>
    oneOf
      ? [
          constraint(
            `${catalog.table}_${name}_check`,
            `CHECK (${quoteIdentifier(name)} IN (${oneOf.map(quoteLiteral).join(', ')}))`,
          ),
        ]
      : [],
  )
}

function comments(catalog: Catalog, schema: string): Statement[] {
  const table = quoteIdentifier(schema, catalog.table)
  return [
    {
      makes: `comment on table ${catalog.table}`,
      sql: `COMMENT ON TABLE ${table} IS ${quoteLiteral(catalog.title)}`,
    },
    ...Object.entries(catalog.columns).map(([name, column]) => ({
      makes: `comment on column ${catalog.table}.${name}`,
      sql: `COMMENT ON COLUMN ${table}.${quoteIdentifier(name)} IS ${quoteLiteral(columnComment(column))}`,
    })),
  ]
}

/** Description with unit, UCD and range, as psql's \d+ and a TAP service show it. */
export function columnComment({
  description,
  unit,
  ucd,
  range,
}: Pick<Column, 'description' | 'unit' | 'ucd' | 'range'>): string {
  const facts = [
    ...(unit === undefined ? [] : [`unit: ${unit}`]),
    ...(ucd === undefined ? [] : [`ucd: ${ucd}`]),
    ...(range === undefined ? [] : [`range: ${showRange(range)}`]),
  ]
  return facts.length === 0 ? description : `${description} [${facts.join('; ')}]`
}

function constraint(name: string, definition: string): string {
  return `CONSTRAINT ${quoteIdentifier(name)} ${definition}`
}

function list(columns: readonly string[]): string {
  return columns.map((column) => quoteIdentifier(column)).join(', ')
}

// The difference of two fingerprints, as the kinds of change ask for it.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'

export class Delta {
  readonly from: Fingerprint
  readonly to: Fingerprint
  /** Tables, partitions included, that stay but are divided in another way: they are made anew with all rows. */
  readonly rebuilt: ReadonlySet<string>

  /**
   * @param place  what a read schema is called where the change is made
   * @param backfills  `table.column` -> the SQL that fills it for rows that were there
   */
  constructor(
    from: Fingerprint,
    to: Fingerprint,
    readonly place: (readSchema: string) => string = (name) => name,
    readonly backfills: ReadonlyMap<string, string> = new Map(),
  ) {
    this.from = withoutInherited(from)
    this.to = withoutInherited(to)
    this.rebuilt = rebuiltTables(this.from, this.to)
  }

  added(kind: string): Fact[] {
    return ofKind(this.to, kind).filter((fact) => !this.from[objectOf(fact)])
  }

  removed(kind: string): Fact[] {
    return ofKind(this.from, kind).filter((fact) => !this.to[objectOf(fact)])
  }

  /** Facts on both sides with different definitions. */
  changed(kind: string): { before: Fact; after: Fact }[] {
    return ofKind(this.to, kind).flatMap((after) => {
      const before = this.from[objectOf(after)]
      return before && before.definition !== after.definition ? [{ before, after }] : []
    })
  }

  isNewTable(table: string): boolean {
    return !this.from[`table ${table}`] || this.rebuilt.has(table)
  }

  isGoneTable(table: string): boolean {
    return !this.to[`table ${table}`] || this.rebuilt.has(table)
  }

  isNewColumn(table: string, column: string): boolean {
    return !this.from[`column ${table}.${column}`]
  }

  isGoneColumn(table: string, column: string): boolean {
    return !this.to[`column ${table}.${column}`]
  }

  /** Keys (primary or unique) of kept tables that are dropped or made anew: foreign keys to them must give way. */
  tablesWithDroppedKeys(): Set<string> {
    const dropped = [...this.removed('constraint'), ...this.changed('constraint').map(({ before }) => before)]
    return new Set(dropped.filter(isKey).map(({ of }) => of))
  }

  /** Tables that stay and get a key: foreign keys to them must wait for it. */
  tablesWithNewKeys(): Set<string> {
    const made = [...this.added('constraint'), ...this.changed('constraint').map(({ after }) => after)]
    return new Set(made.filter((fact) => isKey(fact) && !this.isNewTable(fact.of)).map(({ of }) => of))
  }
}

/** The table that a partition is part of. */
export function parentTable(fact: Fact | undefined): string | undefined {
  return unquoted(/^(?:UNLOGGED )?PARTITION OF ("(?:[^"]|"")+"|\S+) /.exec(fact?.definition ?? '')?.[1])
}

/** The partitions of a table, each before those within it. */
export function partitionFacts(facts: Fingerprint, table: string): Fact[] {
  return ofKind(facts, 'table')
    .filter((fact) => parentTable(fact) === table)
    .flatMap((fact) => [fact, ...partitionFacts(facts, fact.of)])
}

export function isPartitioned(facts: Fingerprint, table: string): boolean {
  return / ?PARTITION BY /.test(facts[`table ${table}`]?.definition ?? '')
}

/** What a partition has from its table is no change of its own. */
function withoutInherited(facts: Fingerprint): Fingerprint {
  const inherited = ['column', 'default of column', 'not null of column', 'constraint']
  return Object.fromEntries(
    Object.entries(facts).filter(
      ([, { kind, of }]) => !(inherited.includes(kind) && parentTable(facts[`table ${of}`]) !== undefined),
    ),
  )
}

function rebuiltTables(from: Fingerprint, to: Fingerprint): Set<string> {
  const divided = (facts: Fingerprint, table: string) =>
    JSON.stringify([
      facts[`table ${table}`]!.definition,
      partitionFacts(facts, table).map((fact) => [fact.of, fact.definition]),
    ])
  const tables = ofKind(from, 'table')
    .map(({ of }) => of)
    .filter((table) => to[`table ${table}`] && parentTable(from[`table ${table}`]) === undefined)
    .filter((table) => isPartitioned(from, table) || isPartitioned(to, table))
    .filter((table) => divided(from, table) !== divided(to, table))
  return new Set(
    tables.flatMap((table) => [
      table,
      ...[...partitionFacts(from, table), ...partitionFacts(to, table)].map(({ of }) => of),
    ]),
  )
}

export function ofKind(fingerprint: Fingerprint, kind: string): Fact[] {
  return Object.values(fingerprint).filter((fact) => fact.kind === kind)
}

export function isKey({ definition }: Fact): boolean {
  return /^(PRIMARY KEY|UNIQUE)\b/.test(definition)
}

export function isForeignKey({ definition }: Fact): boolean {
  return definition.startsWith('FOREIGN KEY')
}

/** The same constraint, valid now. */
export function onlyValidates({ before, after }: { before: Fact; after: Fact }): boolean {
  return before.definition === `${after.definition} NOT VALID`
}

/** Foreign keys that stay as they are, but refer to a table whose key is dropped or replaced, or stand on one made anew. */
export function foreignKeysMadeAnew(delta: Delta): Fact[] {
  const tables = delta.tablesWithDroppedKeys()
  return ofKind(delta.to, 'constraint').filter(
    (fact) =>
      isForeignKey(fact) &&
      (delta.rebuilt.has(fact.of) ||
        delta.rebuilt.has(referencedTable(fact)!) ||
        tables.has(referencedTable(fact)!)) &&
      delta.from[objectOf(fact)]?.definition === fact.definition,
  )
}

/** The table that a foreign key of the schema refers to. */
export function referencedTable({ definition }: Fact): string | undefined {
  return unquoted(/ REFERENCES ("(?:[^"]|"")+"|[^\s(]+)\(/.exec(definition)?.[1])
}

/** The index of a partitioned table that a partition's index is part of. */
export function wholeIndex({ definition }: Fact): string | undefined {
  return unquoted(/ \(part of (.*)\)$/.exec(definition)?.[1])
}

/** An index's definition as a statement: without what is noted beside it. */
export function indexSql({ definition }: Fact): string {
  return definition.replace(/( \((invalid|clustered|part of [^()]*)\))+$/, '')
}

/** The table that an index stands on. */
export function indexedTable({ definition }: Fact): string {
  return unquoted(/ ON (?:ONLY )?("(?:[^"]|"")+"|\S+) USING /.exec(definition)?.[1]) ?? ''
}

/** An index's definition without its name: equal for indexes that do the same. */
export function namelessIndex(fact: Fact): string {
  return indexSql(fact).replace(/^(CREATE (?:UNIQUE )?INDEX )("(?:[^"]|"")+"|\S+) ON /, '$1ON ')
}

function unquoted(name: string | undefined): string | undefined {
  return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

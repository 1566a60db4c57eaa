// The difference of two fingerprints, as the kinds of change ask for it.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'

export class Delta {
  constructor(
    readonly from: Fingerprint,
    readonly to: Fingerprint,
    /** What a read schema is called where the change is made. */
    readonly place: (readSchema: string) => string = (name) => name,
    /** `table.column` -> the SQL that fills it for rows that were there. */
    readonly backfills: ReadonlyMap<string, string> = new Map(),
  ) {}

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
    return !this.from[`table ${table}`]
  }

  isGoneTable(table: string): boolean {
    return !this.to[`table ${table}`]
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

/** Foreign keys that stay as they are, but refer to a table whose key is dropped or replaced. */
export function foreignKeysMadeAnew(delta: Delta): Fact[] {
  const tables = delta.tablesWithDroppedKeys()
  return ofKind(delta.to, 'constraint').filter(
    (fact) =>
      isForeignKey(fact) &&
      tables.has(referencedTable(fact) ?? '') &&
      delta.from[objectOf(fact)]?.definition === fact.definition,
  )
}

/** The table that a foreign key of the schema refers to. */
export function referencedTable({ definition }: Fact): string | undefined {
  return unquoted(/ REFERENCES ("(?:[^"]|"")+"|[^\s(]+)\(/.exec(definition)?.[1])
}

/** The table that an index stands on. */
export function indexedTable({ definition }: Fact): string {
  return unquoted(/ ON (?:ONLY )?("(?:[^"]|"")+"|\S+) USING /.exec(definition)?.[1]) ?? ''
}

/** An index's definition without its name: equal for indexes that do the same. */
export function namelessIndex({ definition }: Fact): string {
  return definition.replace(/^(CREATE (?:UNIQUE )?INDEX )("(?:[^"]|"")+"|\S+) ON /, '$1ON ')
}

function unquoted(name: string | undefined): string | undefined {
  return name?.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

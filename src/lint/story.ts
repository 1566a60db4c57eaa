// What the migrations have done so far: tables with their columns, types, checks and comments.
import type { ColumnDef, Constraint, Node } from 'libpg-query'
import {
  columnConstraints,
  listedName,
  notNullColumn,
  relationName,
  tableCommands,
  textsOf,
} from './nodes.ts'
import { typeText } from './types.ts'

interface Check {
  valid: boolean
  readonly notNull: string | undefined
  readonly addedIn: string
}

interface Table {
  readonly kind: 'table' | 'view'
  /** Number of the migration that made it. */
  readonly madeIn: string
  readonly columns: Map<string, string>
  readonly checks: Map<string, Check>
  /** What has a comment: a column's name, or `` for the table itself. */
  readonly comments: Set<string>
}

export class Story {
  readonly tables = new Map<string, Table>()
  private number = ''

  /**
   * @param sizes  bytes of the tables in a database; without it every table counts as large
   */
  constructor(
    readonly schema: string,
    private readonly sizes?: ReadonlyMap<string, { readonly bytes: number }>,
  ) {}

  begin(number: string): void {
    this.number = number
  }

  /** A table that others may be reading, with enough rows that work on them takes a second and more. */
  isLargeTable(table: string): boolean {
    if (this.tables.get(table)?.madeIn === this.number || this.tables.get(table)?.kind === 'view')
      return false
    return this.sizes === undefined || (this.sizes.get(table)?.bytes ?? 0) > largeBytes
  }

  isValidNotNull(table: string, column: string): boolean {
    const checks = this.tables.get(table)?.checks.values() ?? []
    return [...checks].some(({ valid, notNull }) => valid && notNull === column)
  }

  isAddedHere(table: string, constraint: string): boolean {
    return this.tables.get(table)?.checks.get(constraint)?.addedIn === this.number
  }

  /** Takes a statement as done. */
  tell(node: Node): void {
    if ('CreateStmt' in node)
      this.create(relationName(node.CreateStmt.relation!, this.schema), node.CreateStmt.tableElts)
    else if ('CreateTableAsStmt' in node)
      this.create(relationName(node.CreateTableAsStmt.into!.rel!, this.schema))
    else if ('ViewStmt' in node) this.create(relationName(node.ViewStmt.view!, this.schema), [], 'view')
    else if ('RenameStmt' in node) this.rename(node)
    else if ('DropStmt' in node) this.drop(node)
    else if ('CommentStmt' in node) this.comment(node)
    else for (const each of tableCommands(node, this.schema)) this.alter(each)
  }

  private create(name: string, elements: readonly Node[] = [], kind: Table['kind'] = 'table'): void {
    const table: Table = {
      kind,
      madeIn: this.number,
      columns: new Map(),
      checks: new Map(),
      comments: new Set(),
    }
    this.tables.set(name, table)
    for (const each of elements) if ('ColumnDef' in each) this.addColumn(table, each.ColumnDef)
  }

  private addColumn(table: Table, column: ColumnDef): void {
    table.columns.set(column.colname!, typeText(column.typeName!))
    for (const each of columnConstraints(column))
      if (each.contype === 'CONSTR_CHECK') this.addCheck(table, each)
  }

  private addCheck(table: Table, constraint: Constraint): void {
    table.checks.set(constraint.conname ?? '', {
      valid: !constraint.skip_validation,
      notNull: notNullColumn(constraint),
      addedIn: this.number,
    })
  }

  private alter({
    table: name,
    command,
    column,
    constraint,
  }: ReturnType<typeof tableCommands>[number]): void {
    const table = this.tables.get(name)
    if (!table) return
    const target = command.name ?? ''
    switch (command.subtype) {
      case 'AT_AddColumn':
        this.addColumn(table, column!)
        return
      case 'AT_DropColumn':
        table.columns.delete(target)
        return
      case 'AT_AlterColumnType':
        table.columns.set(target, typeText(column!.typeName!))
        return
      case 'AT_AddConstraint':
        this.addCheck(table, constraint!)
        return
      case 'AT_DropConstraint':
        table.checks.delete(target)
        return
      case 'AT_ValidateConstraint': {
        const check = table.checks.get(target)
        if (check) check.valid = true
      }
    }
  }

  private rename({ RenameStmt: statement }: Extract<Node, { RenameStmt: unknown }>): void {
    const { renameType, relation, subname, newname } = statement
    const name = relation ? relationName(relation, this.schema) : ''
    const table = this.tables.get(name)
    if (!table) return
    if (renameType === 'OBJECT_TABLE' || renameType === 'OBJECT_VIEW') {
      this.tables.delete(name)
      this.tables.set(newname!, table)
    } else if (renameType === 'OBJECT_COLUMN') {
      const type = table.columns.get(subname!)
      table.columns.delete(subname!)
      table.columns.set(newname!, type ?? '?')
      if (table.comments.delete(subname!)) table.comments.add(newname!)
    } else if (renameType === 'OBJECT_TABCONSTRAINT') {
      const check = table.checks.get(subname!)
      table.checks.delete(subname!)
      if (check) table.checks.set(newname!, check)
    }
  }

  private drop({ DropStmt: { removeType, objects } }: Extract<Node, { DropStmt: unknown }>): void {
    if (removeType !== 'OBJECT_TABLE' && removeType !== 'OBJECT_VIEW') return
    for (const each of objects ?? []) this.tables.delete(listedName(each, this.schema))
  }

  private comment({
    CommentStmt: { objtype, object, comment },
  }: Extract<Node, { CommentStmt: unknown }>): void {
    if (!object || !('List' in object)) return
    const parts = textsOf(object.List.items)
    const column = objtype === 'OBJECT_COLUMN' ? parts.pop()! : ''
    if (objtype !== 'OBJECT_COLUMN' && objtype !== 'OBJECT_TABLE' && objtype !== 'OBJECT_VIEW') return
    const name = parts.length > 1 && parts[0] !== this.schema ? parts.join('.') : parts.at(-1)!
    const comments = this.tables.get(name)?.comments
    if (comment) comments?.add(column)
    else comments?.delete(column)
  }
}

/** A second's work at the 100 MB/s that plans assume. */
const largeBytes = 100e6

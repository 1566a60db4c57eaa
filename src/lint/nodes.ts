// Reading the parser's trees: lists of names, relations, the columns and commands of a statement.
import type { AlterTableCmd, ColumnDef, Constraint, Node, RangeVar } from 'libpg-query'

/** The texts of a list of names. */
export function textsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap((each) => ('String' in each ? [each.String.sval ?? ''] : []))
}

/** A relation as the survey's own SQL calls it: without the schema when that is the survey's. */
export function relationName({ schemaname, relname }: RangeVar, schema: string): string {
  return schemaname === undefined || schemaname === schema ? relname! : `${schemaname}.${relname}`
}

/** The name in a list of parts, as `relationName` gives it. */
export function listedName(node: Node, schema: string): string {
  const parts = 'List' in node ? textsOf(node.List.items) : []
  return parts.length > 1 && parts.at(-2) !== schema ? parts.slice(-2).join('.') : (parts.at(-1) ?? '')
}

export interface TableCommand {
  readonly table: string
  readonly command: AlterTableCmd
  readonly column?: ColumnDef
  readonly constraint?: Constraint
}

/** The commands of an ALTER TABLE; none for other statements. */
export function tableCommands(node: Node, schema: string): TableCommand[] {
  if (!('AlterTableStmt' in node) || node.AlterTableStmt.objtype !== 'OBJECT_TABLE') return []
  const { relation, cmds } = node.AlterTableStmt
  return (cmds ?? []).flatMap((each) => {
    if (!('AlterTableCmd' in each)) return []
    const { def } = each.AlterTableCmd
    return [
      {
        table: relationName(relation!, schema),
        command: each.AlterTableCmd,
        ...(def && 'ColumnDef' in def ? { column: def.ColumnDef } : {}),
        ...(def && 'Constraint' in def ? { constraint: def.Constraint } : {}),
      },
    ]
  })
}

/** The constraints written with a column. */
export function columnConstraints({ constraints }: ColumnDef): Constraint[] {
  return (constraints ?? []).flatMap((each) => ('Constraint' in each ? [each.Constraint] : []))
}

/** Names of the functions called anywhere in an expression. */
export function functionsIn(expression: Node | undefined): string[] {
  const found: string[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'FuncCall') found.push(textsOf((inner as { funcname: Node[] }).funcname).at(-1) ?? '')
        if (key === 'SQLValueFunction') found.push((inner as { op: string }).op)
        visit(inner)
      }
    }
  }
  visit(expression)
  return found
}

/** The column of a check that says only `column IS NOT NULL`. */
export function notNullColumn({ raw_expr: test }: Constraint): string | undefined {
  if (!test || !('NullTest' in test) || test.NullTest.nulltesttype !== 'IS_NOT_NULL') return undefined
  const { arg } = test.NullTest
  return arg && 'ColumnRef' in arg ? textsOf(arg.ColumnRef.fields).at(-1) : undefined
}

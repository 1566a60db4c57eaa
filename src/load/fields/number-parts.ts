// What the writers of a number field are made from.
import type { TableColumn } from '../../fits/index.ts'
import type { Conversion, SqlType } from '../../model/index.ts'
import type { ColumnRules } from './column-rules.ts'
import type { RowInput, RowOutput } from './row-input.ts'

/** What a number field is made from. */
export interface NumberFieldParts {
  readonly column: Pick<TableColumn, 'code' | 'scale' | 'zero' | 'null'>
  readonly type: SqlType
  readonly convert: Conversion | undefined
  /** Sentinels that mean "no value". */
  readonly nulls: readonly number[]
  readonly rules: ColumnRules
  readonly input: RowInput
  readonly out: RowOutput
}

/** Bytes of a number in COPY BINARY, by type. */
export const numberBytes = { smallint: 2, integer: 4, bigint: 8, real: 4, 'double precision': 8 } as const
export type NumberType = keyof typeof numberBytes

// The rows of a file that broke a rule: counted, held against the limit, and stored beside the rows that didn't.
import { type Client, CopyWriter } from '../postgres/index.ts'
import { loadError } from './errors.ts'
import type { FaultNote, Rule } from './fields/column-rules.ts'

export interface TableRejects {
  readonly table: string
  rows: number
  readonly byRule: Partial<Record<Rule, number>>
}

/** Longest value text that is kept, in characters. */
const longestValue = 1000

const copySql = `COPY almagest.load_reject
  (file_id, table_name, hdu, row_number, column_name, value, rule, detail) FROM STDIN (FORMAT binary)`

export class RejectLog {
  #writer = new CopyWriter(8)
  #current: TableRejects = { table: '', rows: 0, byRule: {} }
  #earlier = 0
  /** Rows of the current table that its catalogue expects to be left out, and that no limit counts. */
  #expected = 0
  /** The first one of the file, for the message when there are too many. */
  #first: (FaultNote & { readonly table: string; readonly row: number }) | undefined

  /** @param limit  most rejected rows of the file; undefined: any number that break value rules, no other */
  constructor(
    readonly fileId: number,
    readonly file: string,
    readonly limit: number | undefined,
  ) {}

  /** Begins a table, or begins it again: then its rejects so far are forgotten, also those not stored yet. */
  begin(table: string): void {
    if (table !== this.#current.table) this.#earlier += this.#current.rows - this.#expected
    this.#expected = 0
    if (this.#first?.table === table) this.#first = undefined
    this.#current = { table, rows: 0, byRule: {} }
    this.#writer = new CopyWriter(8)
  }

  get current(): TableRejects {
    return this.#current
  }

  /** Bytes that wait to be stored. */
  get waiting(): number {
    return this.#writer.length
  }

  /**
   * Takes the row that broke the noted rule.
   * @param row  counted from 1
   * @throws AlmagestError LOAD_TOO_MANY_REJECTS
   */
  add(note: FaultNote, row: number): void {
    const value = note.value === null ? null : note.value.slice(0, longestValue)
    this.#first ??= { ...note, value, table: this.#current.table, row }
    this.count(note.rule, 1)
    if (this.#total > (this.limit ?? Infinity)) throw this.#tooMany(this.#first)
    const writer = this.#writer
    writer.row()
    writer.value('integer', this.fileId)
    writer.value('text', this.#current.table)
    writer.value('text', note.hdu)
    writer.value('bigint', BigInt(row))
    writer.value('text', note.column)
    writer.value('text', value)
    writer.value('text', note.rule)
    writer.value('text', note.detail)
  }

  /**
   * Counts rows that the server itself put into the table of rejects.
   * @param expected  whether the catalogue says that such rows are left out
   */
  count(rule: Rule, rows: number, expected = false): void {
    const { byRule } = this.#current
    if (rows > 0) byRule[rule] = (byRule[rule] ?? 0) + rows
    this.#current.rows += rows
    if (expected) this.#expected += rows
  }

  /**
   * Whether rows rejected for their keys are more than allowed: none, unless a limit is given or the catalogue
   * says what to do with duplicates.
   */
  get keyRejectsExceed(): boolean {
    const { 'duplicate-key': duplicates = 0, 'foreign-key': orphans = 0 } = this.#current.byRule
    return this.limit === undefined ? duplicates + orphans > this.#expected : this.#total > this.limit
  }

  /** Stores what waits, within the transaction of the connection. */
  async store(client: Client): Promise<void> {
    const writer = this.#writer
    this.#writer = new CopyWriter(8)
    if (writer.length === this.#writer.length) return
    writer.finish()
    const copy = await client.copyIn(copySql)
    await copy.write(writer.bytes())
    await copy.finish()
  }

  get #total(): number {
    return this.#earlier + this.#current.rows - this.#expected
  }

  #tooMany({ hdu, row, column, rule, value, detail }: FaultNote & { readonly row: number }) {
    const message =
      `more than the ${this.limit} rows allowed of ${this.file} break rules; ` +
      `the first one is row ${row} of ${hdu}: ${column} = ${value ?? 'NULL'} breaks the rule "${rule}" (${detail})`
    return loadError('LOAD_TOO_MANY_REJECTS', message, {
      file: this.file,
      hdu,
      row,
      column,
      ...(value === null ? {} : { value }),
    })
  }
}

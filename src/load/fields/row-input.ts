// Where field writers read and write: the current row of an HDU, and the buffer of COPY rows.

/** The bytes of one HDU, at the current row. */
export interface RowInput {
  bytes: Uint8Array
  view: DataView
  /** First byte of the current row. */
  at: number
  /** Bytes from row to row. */
  readonly stride: number
}

/** The buffer that COPY rows are written to; positions are absolute within it. */
export interface RowOutput {
  readonly bytes: Uint8Array
  readonly view: DataView
}

/**
 * Writes one field: the value whose first byte is `from` in the input, as length and bytes at `at` in the
 * output. Answers the position after it, or `rejected` when the value breaks a rule.
 */
export type WriteField = (from: number, at: number) => number

/** Answer of a field writer for a value that breaks a rule; the fault is in the `FaultNote`. */
export const rejected = -1

/** An input over no bytes, for rows yet to come. */
export function emptyInput(stride: number): RowInput {
  return { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), at: 0, stride }
}

/** Points an input at the first row of a block. */
export function setBlock(input: RowInput, bytes: Uint8Array): void {
  input.bytes = bytes
  input.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  input.at = 0
}

export function outputOf(size: number): RowOutput {
  const buffer = new ArrayBuffer(size)
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) }
}

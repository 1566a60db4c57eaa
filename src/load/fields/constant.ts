// Values that hold for a whole file, encoded once: cards, parts of the file's name, the file's number.

import { type Column, inRange, type SqlType, showRange } from '../../model/index.ts'
import { CopyWriter } from '../../postgres/index.ts'

export type ConstantValue = string | number | bigint | boolean | null

/** What is wrong with a constant for its column, or undefined. Text from file names may spell numbers. */
export function constantFault(column: Column, value: Exclude<ConstantValue, null>): string | undefined {
  const { type, oneOf, range } = column
  if (type === 'text') {
    return oneOf && !oneOf.includes(String(value)) ? `allowed are ${oneOf.join(', ')}` : undefined
  }
  if (type === 'boolean') return typeof value === 'boolean' ? undefined : 'it must be T or F'
  const limit = wholeLimits[type as keyof typeof wholeLimits]
  const number = Number(value)
  if (typeof value === 'boolean' || value === '' || Number.isNaN(number)) return 'it must be a number'
  if (limit !== undefined) {
    if (!Number.isInteger(number)) return 'it must be a whole number'
    if (!(number >= -limit && number < limit)) return `${type} holds -${limit} to ${limit - 1}`
  }
  if (type === 'real' && !Number.isFinite(Math.fround(number))) return 'it is beyond the largest real'
  return range && !inRange(range, number) ? `allowed is ${showRange(range)}` : undefined
}

const wholeLimits = { smallint: 2 ** 15, integer: 2 ** 31, serial: 2 ** 31, bigint: 2 ** 63 } as const

/** The value's field in COPY BINARY: length and bytes. */
export function constantBytes(type: SqlType, value: ConstantValue): Uint8Array {
  const writer = new CopyWriter(1)
  writer.clear()
  if (value === null) writer.value('text', null)
  else if (type === 'text') writer.value('text', String(value))
  else if (type === 'boolean') writer.value('boolean', value === true)
  else if (type === 'bigint') writer.value('bigint', BigInt(value))
  else writer.value(type === 'serial' ? 'integer' : (type as 'integer'), Number(value))
  return writer.bytes().slice()
}

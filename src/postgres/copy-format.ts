// The COPY BINARY format (PostgreSQL manual, COPY, "Binary Format"): its constants, types and sizes.
import type { SqlType } from '../model/index.ts'

/** Types that can be copied, spelt as PostgreSQL spells them. */
export type CopyType = Exclude<SqlType, 'serial'> | 'smallint[]' | 'integer[]' | 'bytea'

/** Element types of arrays, with their oids (pg_type.dat), which the format repeats in each array. */
export const elementOids = {
  smallint: 21,
  integer: 23,
  bigint: 20,
  real: 700,
  'double precision': 701,
} as const
export type ElementType = keyof typeof elementOids

/** Signature, then flags (none) and the length of a header extension (none), both int32. */
export const copyHeader: Uint8Array = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** An int16 field count of -1 instead of a row. */
export const copyTrailer: Uint8Array = Buffer.from([0xff, 0xff])

/** Bytes of the int16 field count before each row. */
export const rowPrefixBytes = 2
/** Bytes of the int32 length before each field. */
export const fieldPrefixBytes = 4
/** Length that stands for NULL, with no bytes after it. */
export const nullLength = -1

/** Bytes of a value after its length prefix, for the types whose values all have the same; big-endian. */
export const fixedBytes = {
  boolean: 1,
  smallint: 2,
  integer: 4,
  bigint: 8,
  real: 4,
  'double precision': 8,
  timestamp: 8,
} as const satisfies Partial<Record<CopyType, number>>

/** PostgreSQL counts timestamps in microseconds from 2000-01-01 00:00 UTC; this is that moment in Unix time. */
export const timestampEpoch = BigInt(Date.UTC(2000, 0, 1)) * 1000n

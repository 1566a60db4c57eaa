// Field writers for text and truth values: A columns trimmed and checked for UTF-8 and vocabulary, L columns.
import type { ColumnRules } from './column-rules.ts'
import { reject } from './column-rules.ts'
import { nullWriter } from './null-writer.ts'
import type { RowInput, RowOutput, WriteField } from './row-input.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Text of `width` bytes, up to the first NUL and without trailing blanks (FITS 4.0, section 7.3.3.1). FITS does
 * not tell an empty text from none, so an empty one stays a text.
 */
export function textField(
  width: number,
  vocabulary: readonly string[] | undefined,
  rules: ColumnRules,
  input: RowInput,
  out: RowOutput,
): WriteField {
  const words = vocabulary?.map((word) => Buffer.from(word))
  const { bytes, view } = out
  return (from, at) => {
    const source = input.bytes
    const start = at + 4
    let length = 0
    let high = 0
    for (let i = 0; i < width; i++) {
      const byte = source[from + i]!
      if (byte === 0) break
      bytes[start + i] = byte
      high |= byte
      if (byte !== 32) length = i + 1
    }
    if (high > 127 && !isUtf8(bytes.subarray(start, start + length))) {
      return reject(
        rules,
        'encoding',
        showBytes(bytes.subarray(start, start + length)),
        'the bytes are no UTF-8 text',
      )
    }
    if (words && !words.some((word) => equals(word, bytes, start, length))) {
      const value = Buffer.from(bytes.subarray(start, start + length)).toString()
      return reject(rules, 'vocabulary', value, `allowed are ${vocabulary!.join(', ')}`)
    }
    view.setInt32(at, length)
    return start + length
  }
}

function equals(word: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (word.length !== length) return false
  for (let i = 0; i < length; i++) if (word[i] !== bytes[start + i]) return false
  return true
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    utf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Bytes with those outside printable ASCII as `\xHH`, for the rejects table. */
function showBytes(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) =>
      byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    )
    .join('')
}

/** A logical value: T, F, or a zero byte for "undefined" (section 7.3.3.2). */
export function booleanField(rules: ColumnRules, input: RowInput, out: RowOutput): WriteField {
  const writeNull = nullWriter(rules, out)
  const { bytes, view } = out
  return (from, at) => {
    const byte = input.bytes[from]!
    if (byte === 0) return writeNull(from, at)
    if (byte !== 0x54 && byte !== 0x46) {
      return reject(
        rules,
        'encoding',
        showBytes(input.bytes.subarray(from, from + 1)),
        'a logical value is T, F or a zero byte',
      )
    }
    view.setInt32(at, 1)
    bytes[at + 4] = byte === 0x54 ? 1 : 0
    return at + 5
  }
}

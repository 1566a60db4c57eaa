// Sealed values: AES-256-GCM (NIST SP 800-38D) on the client's side, so that the server sees neither value nor key.
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { AlmagestError } from '../model/index.ts'
import type { KeyRing } from './key-ring.ts'

// A sealed value: one byte of version, four of the key's identifier, the nonce, the encrypted bytes, the tag.
const version = 1
const [idBytes, nonceBytes, tagBytes] = [4, 12, 16]
const headBytes = 1 + idBytes + nonceBytes

/** Bytes that a sealed value is longer than the value. */
export const sealedOverhead = headBytes + tagBytes

const algorithm = 'aes-256-gcm'

/** Nonces drawn at once: a call for each costs more than the encryption. */
const nonceStock = 1024

export type Sealer = (value: Uint8Array) => Buffer

/**
 * A function that seals values of one column. The nonce is random, so equal values look different; a key is good for
 * 2^32 of them (SP 800-38D, section 8.3).
 * @param column  `schema.table.column`: authenticated with each value, so that none can be moved to another column
 */
export function sealer({ current }: KeyRing, column: string): Sealer {
  const label = Buffer.from(column)
  const nonces = Buffer.alloc(nonceStock * nonceBytes)
  let next = nonceStock
  return (value) => {
    if (next === nonceStock) {
      randomFillSync(nonces)
      next = 0
    }
    const nonce = nonces.subarray(next * nonceBytes, ++next * nonceBytes)
    const cipher = createCipheriv(algorithm, current.bytes, nonce).setAAD(label)
    const head = Buffer.from([version, ...current.id, ...nonce])
    return Buffer.concat([head, cipher.update(value), cipher.final(), cipher.getAuthTag()])
  }
}

/**
 * Opens a sealed value.
 * @throws AlmagestError `KEYS_UNKNOWN` when no key of the ring sealed it, `SEALED_VALUE_BROKEN` when it was changed,
 *   or belongs to another column
 */
export function unseal({ all }: KeyRing, column: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < sealedOverhead || bytes[0] !== version) throw broken(column)
  const id = bytes.subarray(1, 1 + idBytes).toString('hex')
  const key = all.get(id)
  if (!key) {
    throw new AlmagestError(
      'KEYS_UNKNOWN',
      'usage',
      `values of ${column} are sealed by key ${id}, and the ring has ${[...all.keys()].join(', ')}`,
      'Name the ring that holds this key with --keys.',
      { column, value: id },
    )
  }
  const decipher = createDecipheriv(algorithm, key.bytes, bytes.subarray(1 + idBytes, headBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(column)).setAuthTag(bytes.subarray(bytes.length - tagBytes))
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(headBytes, bytes.length - tagBytes)),
      decipher.final(),
    ])
  } catch {
    throw broken(column)
  }
}

function broken(column: string): AlmagestError {
  return new AlmagestError(
    'SEALED_VALUE_BROKEN',
    'data',
    `a sealed value of ${column} was changed, or was sealed for another column`,
    'Load the file again with --replace, and find out who wrote to the table.',
    { column },
  )
}

// A ring of keys as text: one base64 line of 32 bytes each, the first seals, all of them open.
import { createHash, randomBytes } from 'node:crypto'
import { AlmagestError } from '../model/index.ts'

export interface Key {
  /** The first four bytes of the key's SHA-256: tells which key a value needs, and nothing of the key. */
  readonly id: Buffer
  readonly bytes: Buffer
}

export interface KeyRing {
  /** Seals new values. */
  readonly current: Key
  /** By identifier in hexadecimal. */
  readonly all: ReadonlyMap<string, Key>
}

/** AES-256 takes so many. */
const keyBytes = 32

/**
 * @param origin  where the text is from, for messages; the text itself never enters one
 * @throws AlmagestError `KEYS_MALFORMED`
 */
export function parseKeys(text: string, origin: string): KeyRing {
  const keys = text
    .split('\n')
    .map((line, i) => ({ line: line.trim(), number: i + 1 }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, number }) => {
      const bytes = Buffer.from(line, 'base64')
      if (bytes.length !== keyBytes || bytes.toString('base64') !== line)
        throw malformed(`line ${number} of ${origin} is not the base64 of ${keyBytes} bytes`)
      return keyOf(bytes)
    })
  const [current] = keys
  if (!current) throw malformed(`${origin} holds no key`)
  return { current, all: new Map(keys.map((key) => [key.id.toString('hex'), key])) }
}

/** The text of a ring with a new key in front: it seals from now on, the others still open what they sealed. */
export function addKey(text: string): string {
  return `${randomBytes(keyBytes).toString('base64')}\n${text}`
}

function keyOf(bytes: Buffer): Key {
  return { id: createHash('sha256').update(bytes).digest().subarray(0, 4), bytes }
}

function malformed(message: string): AlmagestError {
  return new AlmagestError(
    'KEYS_MALFORMED',
    'usage',
    message,
    'Make keys with `almagest access key --out FILE`.',
  )
}

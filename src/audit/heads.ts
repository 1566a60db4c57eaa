// Signed heads: number and hash of the last entry under an Ed25519 signature, kept where the database's masters can't write.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { headsFaulty, keyUnusable } from './errors.ts'

export interface Head {
  /** Which ledger: the number that its first entry carries. */
  readonly ledger: string
  readonly seq: bigint
  /** Hexadecimal. */
  readonly hash: string
  /** When it was signed, by the clock of whoever signed. */
  readonly signedAt: string
}

export interface SignedHead extends Head {
  readonly signature: string
}

/** What is signed: its own name first, so that a signature for something else can't serve. */
const signedText = ({ ledger, seq, hash, signedAt }: Head) =>
  Buffer.from(['almagest audit head', ledger, seq, hash, signedAt].join('\n'))

export function signHead(head: Head, key: KeyObject): SignedHead {
  return { ...head, signature: sign(null, signedText(head), key).toString('base64') }
}

export function isSigned({ signature, ...head }: SignedHead, key: KeyObject): boolean {
  return verify(null, signedText(head), key, Buffer.from(signature, 'base64'))
}

/**
 * Reads an Ed25519 private key (PEM, PKCS#8).
 * @throws AlmagestError `AUDIT_KEY_UNUSABLE`: missing, of another kind, or readable by others
 */
export function readPrivateKey(file: string): KeyObject {
  const text = readKey(file)
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw keyUnusable(file, 'others than its owner may read it (chmod 600)')
  return ed25519(file, () => createPrivateKey(text))
}

/**
 * Reads an Ed25519 public key (PEM).
 * @throws AlmagestError `AUDIT_KEY_UNUSABLE`
 */
export function readPublicKey(file: string): KeyObject {
  const text = readKey(file)
  return ed25519(file, () => createPublicKey(text))
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw keyUnusable(
      file,
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message,
    )
  }
}

function ed25519(file: string, read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch {
    throw keyUnusable(file, 'it is no PEM key of the kind that is needed')
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw keyUnusable(file, `it is ${key.asymmetricKeyType ?? 'of another kind'}, not Ed25519`)
  return key
}

/** Adds a head to a file of them, one JSON object a line. */
export function keepHead(file: string, head: SignedHead): void {
  appendFileSync(file, `${JSON.stringify({ ...head, seq: String(head.seq) })}\n`)
}

/**
 * Reads the heads of a file.
 * @throws AlmagestError `AUDIT_HEADS_FAULTY` with the line
 */
export function readHeads(file: string): SignedHead[] {
  if (!existsSync(file)) throw headsFaulty(file, 1, 'there is no such file')
  const lines = readFileSync(file, 'utf8').split('\n')
  const heads = lines.flatMap((line, i) => (line.trim() === '' ? [] : [headOf(line, file, i + 1)]))
  if (heads.length === 0) throw headsFaulty(file, 1, 'the file is empty')
  return heads
}

function headOf(line: string, file: string, row: number): SignedHead {
  let given: Partial<Record<keyof SignedHead, unknown>> | null
  try {
    given = JSON.parse(line)
  } catch {
    throw headsFaulty(file, row, 'it is no JSON')
  }
  const { ledger, seq, hash, signedAt, signature } = given ?? {}
  const texts = [ledger, seq, hash, signedAt, signature]
  if (!texts.every((each) => typeof each === 'string') || !/^\d+$/.test(seq as string))
    throw headsFaulty(file, row, 'it lacks ledger, seq, hash, signedAt or signature')
  return { ...(given as unknown as SignedHead), seq: BigInt(seq as string) }
}

// A password as the server stores it: SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677), made on the client's side.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const iterations = 4096

/**
 * The verifier that PostgreSQL keeps: `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY`, its parts in base64.
 * @param password  ASCII; other letters would need SASLprep first
 */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const key = (label: string) => createHmac('sha256', salted).update(label).digest()
  const stored = createHash('sha256').update(key('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`
}

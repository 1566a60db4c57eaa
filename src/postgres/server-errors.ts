// What servers, sockets and TLS report, as errors that say what to do.
import { AlmagestError, type FaultKind, type FaultPlace } from '../model/index.ts'

interface Meaning {
  code: string
  kind: FaultKind
  hint: string
}

const lost: Meaning = {
  code: 'SERVER_LOST',
  kind: 'server',
  hint: 'The server stopped or dropped the connection; nothing uncommitted was kept. See its log, then run the command again.',
}
const refused: Meaning = {
  code: 'SERVER_REFUSED',
  kind: 'server',
  hint: 'No server listens there: start it (`almagest start` for the embedded one), or correct host and port.',
}
const unreachable: Meaning = {
  code: 'SERVER_UNREACHABLE',
  kind: 'server',
  hint: 'Check the network, the firewall, and the host and port of the database URL.',
}
const tls: Meaning = {
  code: 'SERVER_TLS',
  kind: 'server',
  hint: 'Set sslmode in the database URL to what the server offers (sslmode=disable: no TLS; sslrootcert=FILE: a private authority).',
}
const denied: Meaning = {
  code: 'SERVER_AUTH',
  kind: 'server',
  hint: 'Check user and password of the database URL, and that pg_hba.conf admits this user from this host.',
}

/** By SQLSTATE (PostgreSQL manual, appendix A), errno name, or OpenSSL verification code. */
const meanings: Record<string, Meaning> = {
  ECONNREFUSED: refused,
  ENOTFOUND: {
    code: 'SERVER_UNKNOWN_HOST',
    kind: 'server',
    hint: 'Correct the host name of the database URL, or check name resolution.',
  },
  EAI_AGAIN: {
    code: 'SERVER_UNKNOWN_HOST',
    kind: 'server',
    hint: 'Name resolution failed for now: check the network and try again.',
  },
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: lost,
  EPIPE: lost,
  '57P01': lost,
  '57P02': lost,
  '57P03': {
    code: 'SERVER_STARTING',
    kind: 'server',
    hint: 'The server is starting, recovering or shutting down: try again in a moment.',
  },
  '28P01': denied,
  '28000': denied,
  '3D000': {
    code: 'DATABASE_MISSING',
    kind: 'server',
    hint: 'Create the database first (createdb NAME), or correct its name in the database URL.',
  },
  '42501': {
    code: 'PERMISSION_DENIED',
    kind: 'server',
    hint: "The database user lacks this right: ask the server's administrator to grant it, or use another user.",
  },
  '53100': {
    code: 'DISK_FULL',
    kind: 'environment',
    hint: "The disk of the server's data folder is full: free space, then run the command again.",
  },
  '53300': {
    code: 'TOO_MANY_CONNECTIONS',
    kind: 'server',
    hint: 'Close other sessions, or raise max_connections on the server.',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: tls,
  SELF_SIGNED_CERT_IN_CHAIN: tls,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls,
  CERT_HAS_EXPIRED: tls,
  ERR_TLS_CERT_ALTNAME_INVALID: tls,
}

/** What the driver says in words alone, without a code. */
const phrases: [RegExp, Meaning][] = [
  [/connect ENOENT/, refused],
  [/ENOENT.*open/, tls],
  [/^Connection terminated/, lost],
  [/not queryable/, lost],
  [/^timeout expired/, unreachable],
  [/does not support SSL connections|SSL connection/i, tls],
  [/must be a string|SCRAM|no password/i, denied],
]

interface ServerFault {
  code?: string
  detail?: string
  hint?: string
}

/**
 * Any error of a database call as an AlmagestError whose `cause` is the original. Unknown ones become
 * `SERVER_ERROR` with the server's own message, detail and SQLSTATE.
 * @param place  where the caller was; an AlmagestError passes through unchanged
 */
export function translateServerError(error: unknown, place: FaultPlace = {}): AlmagestError {
  if (error instanceof AlmagestError) return error
  const inner = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  const fault = inner as Error & ServerFault
  const message = fault.message || String(fault.code ?? inner)
  const meaning = (fault.code && meanings[fault.code]) || phrases.find(([form]) => form.test(message))?.[1]
  const text = [withState(message, fault.code), fault.detail].filter(Boolean).join('. ')
  const { code, kind, hint } = meaning ?? {
    code: 'SERVER_ERROR',
    kind: 'server' as const,
    hint: fault.hint ?? "See the server's message and its log.",
  }
  return new AlmagestError(code, kind, text, hint, place, { cause: error })
}

/** The SQLSTATE that an error carries, translated or not; undefined when it has none. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as ServerFault | undefined)?.code
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code)) return code
  return error instanceof AlmagestError ? sqlState(error.cause) : undefined
}

function withState(message: string, code: string | undefined): string {
  return code && /^[0-9A-Z]{5}$/.test(code) ? `${message} (SQLSTATE ${code})` : message
}

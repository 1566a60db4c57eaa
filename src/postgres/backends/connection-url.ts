// Connection URLs: checked before use, and shown without their password.
import { AlmagestError } from '../../model/index.ts'

const form = 'postgresql://user:password@host:5432/database'

/** Query parameters of a connection URL whose values are secrets. */
const secretParameters = ['password', 'sslpassword']

/**
 * Checks a connection URL's form; its text never enters a message, as it may hold a password.
 * @returns the URL, parsed
 * @throws AlmagestError `DATABASE_URL_INVALID`
 */
export function parseConnectionUrl(text: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]
  if (scheme === undefined) throw invalidUrl('is not a URL')
  if (!/^postgres(ql)?$/i.test(scheme)) {
    throw invalidUrl(`has the scheme "${scheme}:" where "postgresql:" is needed`)
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw invalidUrl('cannot be parsed')
  for (const part of [url.username, url.password, url.pathname]) {
    if (!isDecodable(part)) throw invalidUrl('holds a "%" that no two hexadecimal digits follow')
  }
  return url
}

/** The URL with every password replaced by `***`. */
export function maskUrl(url: URL): string {
  const masked = new URL(url)
  if (masked.password) masked.password = '***'
  for (const name of secretParameters) {
    if (masked.searchParams.has(name)) masked.searchParams.set(name, '***')
  }
  return masked.href
}

/**
 * Adds the complete URL to a server's description in a way that printing, inspecting and JSON leave out.
 * @returns the same object
 */
export function withConnectionUrl<T extends object>(
  server: T,
  connectionUrl: string,
): T & { connectionUrl: string } {
  return Object.defineProperty(server, 'connectionUrl', { value: connectionUrl, enumerable: false }) as T & {
    connectionUrl: string
  }
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}

function invalidUrl(what: string): AlmagestError {
  return new AlmagestError(
    'DATABASE_URL_INVALID',
    'usage',
    `The database URL ${what}`,
    `Write it as ${form}; percent-encode special characters of the password (@ is %40, / is %2F, % is %25).`,
  )
}

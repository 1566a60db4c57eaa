// Where keys come from: a file, a variable of the environment, or a program that asks a key management service.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { AlmagestError } from '../model/index.ts'
import { type KeyRing, parseKeys } from './key-ring.ts'

type Provider = (rest: string) => string

/** Each gives the text of a ring. A new kind of provider is a line here. */
const providers: Readonly<Record<string, Provider>> = {
  file: fromFile,
  env: fromEnvironment,
  command: fromCommand,
}

/** Milliseconds for a program to give the keys. */
const patience = 30_000

/**
 * Opens a ring of keys.
 * @param place  `file:PATH`, `env:NAME` or `command:PROGRAM ARGUMENTS`; the program prints the ring, e.g. by asking a
 *   key management service to decrypt it
 * @throws AlmagestError `KEYS_PLACE`, `KEYS_MISSING`, `KEYS_TOO_OPEN`, `KEYS_MALFORMED`
 */
export function openKeys(place: string): KeyRing {
  const [, kind = '', rest = ''] = /^(\w+):(.+)$/.exec(place) ?? []
  const provider = Object.hasOwn(providers, kind) ? providers[kind] : undefined
  if (provider) return parseKeys(provider(rest), `${kind} ${rest.split(' ')[0]}`)
  throw new AlmagestError(
    'KEYS_PLACE',
    'usage',
    `"${place.split(':')[0]}" is no place of keys`,
    `Write ${Object.keys(providers)
      .map((each) => `${each}:…`)
      .join(', ')}.`,
  )
}

function fromFile(path: string): string {
  let text: string
  let mode: number
  try {
    text = readFileSync(path, 'utf8')
    mode = statSync(path).mode
  } catch (error) {
    throw missing(
      `the file of keys ${path} cannot be read`,
      'Correct the path, or make keys with `almagest access key --out FILE`.',
      error,
    )
  }
  if ((mode & 0o077) === 0) return text
  throw new AlmagestError(
    'KEYS_TOO_OPEN',
    'environment',
    `the file of keys ${path} may be read by others (mode ${(mode & 0o777).toString(8)})`,
    `Close it: chmod 600 ${path}; whoever could read it may have the keys.`,
    { file: path },
  )
}

function fromEnvironment(name: string): string {
  const text = process.env[name]
  if (text !== undefined) return text
  throw missing(`the environment has no variable ${name} with keys`, 'Set it, or name another place.')
}

/** No shell stands between: what it prints goes nowhere else, its errors go to the user. */
function fromCommand(line: string): string {
  const [program = '', ...given] = line.split(/\s+/)
  try {
    return execFileSync(program, given, {
      encoding: 'utf8',
      timeout: patience,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  } catch (error) {
    // The error's own text may hold what the program printed.
    const { status, code } = error as { status?: number | null; code?: string }
    throw missing(
      `${program} gave no keys (${code ?? `exit code ${status}`})`,
      'Run it by hand; its messages are above.',
    )
  }
}

function missing(message: string, hint: string, cause?: unknown): AlmagestError {
  return new AlmagestError('KEYS_MISSING', 'environment', message, hint, {}, { cause })
}

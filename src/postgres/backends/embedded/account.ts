// Under which account the server runs: PostgreSQL refuses root, so root lends it an unprivileged one.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { AlmagestError } from '../../../model/index.ts'

/** An account other than the caller's; undefined stands for the caller's own. */
export interface Account {
  uid: number
  gid: number
}

export interface Finished {
  code: number
  /** Standard output and error, as they came. */
  output: string
}

/**
 * The account that a server started by root runs under: `postgres` where it exists, else `nobody`.
 * @param passwd  text of /etc/passwd
 * @returns undefined when the caller isn't root
 * @throws AlmagestError `NO_UNPRIVILEGED_ACCOUNT`
 */
export function serverAccount(
  uid = process.getuid?.(),
  passwd = () => readFileSync('/etc/passwd', 'utf8'),
): Account | undefined {
  if (uid !== 0) return undefined
  const entries = passwd()
    .split('\n')
    .map((line) => line.split(':'))
  const entry = ['postgres', 'nobody']
    .map((name) => entries.find((fields) => fields[0] === name))
    .find((fields) => fields && fields[2] !== '0')
  if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  throw new AlmagestError(
    'NO_UNPRIVILEGED_ACCOUNT',
    'environment',
    'PostgreSQL refuses to run as root, and /etc/passwd has neither a user "postgres" nor "nobody"',
    'Create one (useradd --system postgres), or run almagest as an ordinary user.',
  )
}

/**
 * Runs a server program to its end under an account. The environment is empty but for the path: PG*
 * variables and a locale of the caller must not reach the server.
 * @param folder  working directory; the account must be able to enter it
 */
export function runAs(
  account: Account | undefined,
  folder: string,
  program: string,
  parameters: string[],
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      ...account,
      cwd: folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, output: Buffer.concat(output).toString() }))
  })
}

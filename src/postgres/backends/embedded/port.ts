// Which TCP port the server gets.
import { createServer } from 'node:net'
import { AlmagestError } from '../../../model/index.ts'

/** One beyond PostgreSQL's own 5432, so that a server of the system doesn't get in the way. */
export const firstPort = 5433
const lastPort = firstPort + 999

/**
 * @param asked  the only port to take, when given
 * @param preferred  the port to take if it is free, as it was the last time
 * @throws AlmagestError `PORT_IN_USE`
 */
export async function choosePort(asked?: number, preferred = firstPort): Promise<number> {
  if (asked !== undefined) {
    if (await isFree(asked)) return asked
    throw portInUse(asked)
  }
  if (await isFree(preferred)) return preferred
  for (let port = firstPort; port <= lastPort; port++) if (await isFree(port)) return port
  throw portInUse(firstPort, lastPort)
}

/** The error for a port, or a range of them, that other programs hold. */
export function portInUse(port: number, last = port): AlmagestError {
  const which = last === port ? `Port ${port} is` : `The ports ${port} to ${last} are all`
  return new AlmagestError(
    'PORT_IN_USE',
    'environment',
    `${which} in use by another program on 127.0.0.1`,
    'Ask for another port with --port, leave the option out to get a free one, or stop the other program.',
    { value: String(port) },
  )
}

/** @throws AlmagestError `PORT_INVALID` for what no unprivileged server can listen on */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1024 && port <= 65535) return
  throw new AlmagestError(
    'PORT_INVALID',
    'usage',
    `Port ${port} cannot be used: an unprivileged server takes a whole number from 1024 to 65535`,
    'Ask for another port with --port, or leave the option out.',
    { value: String(port) },
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

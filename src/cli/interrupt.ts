// Ctrl-C: the work ends in order, and the server is told to end the statements under way.
import { type Client, connect } from '../postgres/index.ts'

export interface Interrupt extends Disposable {
  readonly signal: AbortSignal
}

/**
 * From now on SIGINT and SIGTERM abort the signal and cancel what the connections are running; a second one ends the
 * program at once.
 */
export function interruptible(
  server: { readonly connectionUrl: string },
  clients: readonly Client[],
): Interrupt {
  const controller = new AbortController()
  const onSignal = async () => {
    forget()
    controller.abort()
    // A server that is gone has nothing left to cancel.
    await cancelAll(server, clients).catch(() => {})
  }
  const forget = () => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  return { signal: controller.signal, [Symbol.dispose]: forget }
}

async function cancelAll(
  server: { readonly connectionUrl: string },
  clients: readonly Client[],
): Promise<void> {
  await using other = await connect(server)
  const processes = clients.map(({ processId }) => processId)
  await other.query('SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid', [processes])
}

// Tasks over several connections.
import type { Client } from '../postgres/index.ts'

/** Each task over the next connection that is free. */
export async function overAll<T>(
  clients: readonly Client[],
  tasks: readonly T[],
  run: (client: Client, task: T) => Promise<unknown>,
): Promise<void> {
  const queue = [...tasks]
  const take = async (client: Client) => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) await run(client, task)
  }
  await Promise.all(clients.map(take))
}

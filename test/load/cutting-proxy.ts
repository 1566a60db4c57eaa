// A proxy before the server that passes a given number of bytes and then cuts every connection, mid-message if need be.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Direction = 'to the server' | 'to the client'

export interface CuttingProxy extends AsyncDisposable {
  /** The database's URL by way of the proxy. */
  readonly url: string
  /** Bytes passed so far. */
  readonly passed: Record<Direction, number>
}

/** @param after  bytes of that direction to be passed; from then on nothing gets through, new connections neither */
export async function cuttingProxy(
  database: string,
  direction: Direction = 'to the server',
  after = Number.POSITIVE_INFINITY,
): Promise<CuttingProxy> {
  const { hostname, port } = new URL(database)
  const passed = { 'to the server': 0, 'to the client': 0 }
  const sockets = new Set<Socket>()
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const pass = (from: Socket, to: Socket, way: Direction) => {
    from.on('data', (bytes: Buffer) => {
      const left = way === direction ? after - passed[way] : bytes.length
      const part = bytes.subarray(0, left)
      passed[way] += part.length
      if (part.length < bytes.length) {
        // What was passed must arrive before the end does.
        to.end(part, cut)
        from.destroy()
      } else to.write(bytes)
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const server = createServer((client) => {
    if (passed[direction] >= after) {
      client.destroy()
      return
    }
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    pass(client, upstream, 'to the server')
    pass(upstream, client, 'to the client')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(database)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    passed,
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}

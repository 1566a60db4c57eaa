// A database of its own for trying migrations, on the same server, gone afterwards.
import { randomBytes } from 'node:crypto'
import { type Client, connect } from '../connection.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { SkyContribution } from '../sky-contribution.ts'

/** How a sky index is chosen for a database. */
export type ChooseSky = (client: Client) => Promise<SkyContribution>

/** Needs the right to create databases. */
export async function withScratchDatabase<T>(
  connectionUrl: string,
  choose: ChooseSky,
  work: (client: Client, sky: SkyContribution) => Promise<T>,
): Promise<T> {
  const name = `almagest_scratch_${randomBytes(6).toString('hex')}`
  await using server = await connect(connectionUrl)
  await server.query(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`)
  try {
    const url = new URL(connectionUrl)
    url.pathname = `/${name}`
    await using client = await connect(url.href)
    const sky = await choose(client)
    for (const statement of sky.install) await client.query(statement)
    return await work(client, sky)
  } finally {
    await server.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
  }
}

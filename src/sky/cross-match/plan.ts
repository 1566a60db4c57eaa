// Which road a cross-match takes, from the sizes of the tables and their indexes.
import type { SkyIndex } from '../sky-index.ts'
import type { TableFacts } from './table-facts.ts'

/**
 * `server`: for each row of a, a look-up in the sky index of b; `partitions`: the same over several connections, which
 * divide the rows of a; `client`: both tables are read, and matched outside the server.
 */
export type Road = 'server' | 'partitions' | 'client'

export const roads: readonly Road[] = ['server', 'partitions', 'client']

/** What was planned, and why. */
export interface MatchPlan {
  readonly road: Road
  readonly reason: string
}

/**
 * Microseconds a row, measured on two cores by `npm run bench:sky`: a look-up in the index by kind of index, and
 * reading and matching a row of either table in the client.
 */
const lookUp: Record<string, number> = { q3c: 3.5, 'q3c-sql': 15 }
const readRow = 0.25
/** Look-ups over several connections: so many times faster, after the seconds that it takes to open them. */
const together = { faster: 1.7, opening: 0.15 }

/** Radius in degrees above which a look-up reads so much of the index that the client wins. */
const wideRadius = 0.1

export function planMatch(sky: SkyIndex, a: TableFacts, b: TableFacts, radius: number): MatchPlan {
  const sizes = `${Math.round(a.rows)} and ${Math.round(b.rows)} rows`
  if (!b.indexed) return { road: 'client', reason: `${sizes}, and the second table has no sky index` }
  const server = (a.rows * (lookUp[sky.name] ?? 15)) / 1e6
  const costs: Record<Road, number> = {
    server,
    partitions: together.opening + server / together.faster,
    client: 0.05 + ((a.rows + b.rows) * readRow) / 1e6,
  }
  const cheapest = roads.reduce((best, each) => (costs[each] < costs[best] ? each : best))
  const told = `about ${server.toFixed(3)} s by the index ${sky.name}, ${costs.partitions.toFixed(3)} s over several connections, ${costs.client.toFixed(3)} s by reading both`
  return { road: radius < wideRadius ? cheapest : 'client', reason: `${sizes}: ${told}` }
}

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
 * What the roads cost, in seconds, measured on two cores with 1,000,000 rows of b. `npm run bench:sky` measures each
 * again beside the value here, and tells how far the planned road is from the fastest.
 */
export const matchCosts = {
  /** Before the first row. */
  opening: { server: 0.07, partitions: 0.14, client: 0.05 } satisfies Record<Road, number>,
  /** A look-up in the sky index, by its name; of others as of the slowest. */
  lookUp: { q3c: 6.5e-6, 'q3c-sql': 16e-6, healpix: 31e-6 } as Readonly<Record<string, number>>,
  /** Each row of b that a look-up meets in the index, about six times as many as lie in its circle. */
  met: 0.35e-6,
  /** Look-ups over several connections take so many times less. */
  faster: 1.9,
  /** A row of either table in the client, read, matched and written. */
  row: { a: 0.65e-6, b: 0.22e-6 },
}

/** Rows of b in the circles, of which an index reads the pixels: as if b were spread over the sphere evenly. */
const rowsMet = ({ rows }: TableFacts, radius: number): number =>
  Math.min(1, 6 * Math.sin((radius * Math.PI) / 360) ** 2) * rows

export function planMatch(sky: SkyIndex, a: TableFacts, b: TableFacts, radius: number): MatchPlan {
  const sizes = `${Math.round(a.rows)} and ${Math.round(b.rows)} rows`
  if (!b.indexed) return { road: 'client', reason: `${sizes}, and the second table has no sky index` }
  const { opening, lookUp, met, faster, row } = matchCosts
  const each = (lookUp[sky.name] ?? Math.max(...Object.values(lookUp))) + rowsMet(b, radius) * met
  const lookUps = a.rows * each
  const costs: Record<Road, number> = {
    server: opening.server + lookUps,
    partitions: opening.partitions + lookUps / faster,
    client: opening.client + a.rows * row.a + b.rows * row.b,
  }
  const cheapest = roads.reduce((best, road) => (costs[road] < costs[best] ? road : best))
  const told = `about ${costs.server.toFixed(3)} s by the index ${sky.name}, ${costs.partitions.toFixed(3)} s over several connections, ${costs.client.toFixed(3)} s by reading both`
  return { road: cheapest, reason: `${sizes}: ${told}` }
}

// What a sky index is: the way in which one kind of server finds rows by position.
import type { Client, SkyContribution } from '../postgres/index.ts'
import type { PositionSql, Predicate } from './predicate.ts'
import type { Region } from './region.ts'

/** An index that a server can serve, and the SQL that uses it. */
export interface SkyIndex extends SkyContribution {
  /** Version and implementation, as `status` shows it. */
  readonly version: string
  /** Expression that the index stores, e.g. `"public"."q3c_ang2ipix"("ra", "dec")`. */
  expression(position: PositionSql): string
  /** Predicate for a region known now, exact everywhere; `next` is the number of the first free parameter. */
  region(indexed: PositionSql, region: Region, next?: number): Predicate
  /** Predicate: the indexed position lies closer than `radius` (SQL, degrees) to a centre. */
  within(indexed: PositionSql, centre: PositionSql, radius: string): string
  /** Predicate of a join: the indexed position lies closer than `radius` to the other table's. */
  matches(other: PositionSql, indexed: PositionSql, radius: string): string
  /** Expression: distance in degrees. */
  distance(a: PositionSql, b: PositionSql): string
}

/** One folder under `indexes/`: finds out whether a server can serve its kind of index. */
export interface SkyIndexBackend {
  readonly name: string
  /** Backends with a lower number are tried first. */
  readonly preference: number
  /** @returns the index, or the reason why this server can't serve it */
  detect(client: Client): Promise<SkyIndex | { refusal: string }>
}

// A region other than a cone: what an index needs to know of it, and the exact test of a row.
import type { Vector } from './matrix.ts'
import type { PositionSql, Predicate } from './predicate.ts'

/** How a cap (a circle on the sphere) lies to a region; `touches` where it may be any. */
export type Relation = 'outside' | 'inside' | 'touches'

export interface Area {
  readonly kind: 'box' | 'ellipse' | 'polygon' | 'moc'
  /** How the cap about a unit vector lies to the region; radius in radians. */
  relation(centre: Vector, radius: number): Relation
  /** A cap that holds the region: middle and radius in radians. */
  readonly cap: { readonly centre: Vector; readonly radius: number }
  /** SQL that is true exactly for the positions in the region; `next` is the first free parameter. */
  holds(position: PositionSql, next: number): Predicate
}

/**
 * SQL of a condition on a row's unit vector v, with columns x, y and z. The vector is computed once: OFFSET 0 keeps
 * the planner from copying its sines into every place.
 */
export function onVector({ ra, dec }: PositionSql, condition: string): string {
  // 1e-100 keeps the radians of tiny angles from an underflow, which PostgreSQL refuses
  const [a, d] = [`radians(${ra} + 1e-100)`, `radians(${dec} + 1e-100)`]
  return `(SELECT ${condition} FROM (SELECT cos(${d}) * cos(${a}) AS x, cos(${d}) * sin(${a}) AS y, sin(${d}) AS z OFFSET 0) AS v)`
}

/** SQL of the product of v with a vector given as three parameters from `next` on. */
export const dotSql = (next: number): string =>
  `(v.x * $${next}::float8 + v.y * $${next + 1}::float8 + v.z * $${next + 2}::float8)`

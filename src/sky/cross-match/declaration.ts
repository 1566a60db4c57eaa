// What a cross-match is: two tables with positions, a radius, and which of the pairs to keep.
import { AlmagestError, type Catalog } from '../../model/index.ts'

/** A table or view with positions; `key` names the columns that tell its rows apart. */
export interface MatchTable {
  /** `schema.table` */
  readonly table: string
  /** Columns of the position, in degrees. */
  readonly ra: string
  readonly dec: string
  readonly key: readonly string[]
  /** The file whose rows the table holds for the time of the match; see {@link stageRows}. */
  readonly file?: string
}

/** What a table is called in comments and records. */
export const nameOf = ({ table, file }: MatchTable): string => file ?? table

/**
 * Pairs to keep: `best` the nearest row of b for each of a; `symmetric` those that are each other's nearest;
 * `all`; `unmatched` the rows of a without any.
 */
export type Keep = 'best' | 'symmetric' | 'all' | 'unmatched'

/** A radius for each row of a: a column, times a factor that gives degrees. */
export interface RowRadius {
  readonly column: string
  readonly degrees: number
}

export interface CrossMatchOptions {
  /** Degrees, or a column of a: `{ column: 'pos_err', degrees: arcsec(3) }` is three times an error in arc seconds. */
  readonly radius: number | RowRadius
  /** `true`: the nearest for each row of a; `symmetric`: mutual nearest; default: all pairs. */
  readonly best?: boolean | 'symmetric'
  /** The rows of a without a counterpart, instead of pairs. */
  readonly unmatched?: boolean
}

/** A cross-match, declared but not run. */
export interface CrossMatch {
  readonly a: MatchTable
  readonly b: MatchTable
  readonly radius: number | RowRadius
  readonly keep: Keep
  /** Whether a table is matched with itself: a row is not its own match, and a mutual pair comes once. */
  readonly self: boolean
}

/**
 * Declares a cross-match: `crossMatch(desi, gaia, { radius: arcsec(1), best: 'symmetric' })`.
 *
 * Rows match when they lie closer than the radius (at exactly the radius they don't, so 0 matches nothing).
 * Between equally distant rows the one with the lower key counts as nearer.
 *
 * @param a  table whose rows look for a counterpart in `b`: a catalogue, or any table with its columns named;
 *   the same table twice finds duplicates
 * @throws AlmagestError `REGION_RADIUS` for a radius below 0, above 180 or no number, `SKY_ABSENT` for a
 *   catalogue without sky columns, `MATCH_KEY_ABSENT` for a table without key columns,
 *   `MATCH_OPTIONS` for `best` together with `unmatched`
 */
export function crossMatch(
  a: Catalog | MatchTable,
  b: Catalog | MatchTable,
  { radius, best = false, unmatched = false }: CrossMatchOptions,
): CrossMatch {
  const value = typeof radius === 'number' ? radius : radius.degrees
  if (!(value >= 0 && value <= 180)) {
    throw new AlmagestError(
      'REGION_RADIUS',
      'usage',
      `the radius of the cross-match is ${value} degrees; it must lie between 0 and 180`,
      'radii are degrees: write arcsec(1) for one arc second',
      { value: String(value) },
    )
  }
  if (best && unmatched) {
    throw new AlmagestError(
      'MATCH_OPTIONS',
      'usage',
      'a cross-match keeps either the best pairs or the unmatched rows, not both',
      'run it twice',
    )
  }
  const [left, right] = [positionsOf(a), positionsOf(b)]
  const keep = unmatched ? 'unmatched' : best === 'symmetric' ? 'symmetric' : best ? 'best' : 'all'
  const self = left.table === right.table && left.ra === right.ra && left.dec === right.dec
  return Object.freeze({ a: left, b: right, radius, keep, self })
}

function positionsOf(table: Catalog | MatchTable): MatchTable {
  const positions = 'table' in table && 'ra' in table ? table : ofCatalog(table as Catalog)
  if (positions.key.length > 0) return positions
  throw new AlmagestError(
    'MATCH_KEY_ABSENT',
    'usage',
    `${positions.table} has no key columns to tell its rows apart`,
    'name the columns that identify a row',
  )
}

function ofCatalog({ name, sky, key }: Catalog): MatchTable {
  if (sky) return { table: name, ra: sky.ra, dec: sky.dec, key }
  throw new AlmagestError(
    'SKY_ABSENT',
    'usage',
    `${name} declares no sky columns`,
    'Add sky: { ra, dec, frame, index } to its definition, or name the columns of the position.',
  )
}

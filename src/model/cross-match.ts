// What a cross-match is: two tables with positions, a radius, and which of the pairs to keep.
import type { Catalog } from './catalog.ts'
import { AlmagestError } from './errors.ts'

/** A table or view with positions; `key` names the columns that tell its rows apart. */
export interface MatchTable {
  /** `schema.table` */
  readonly table: string
  /** Columns of the position, in degrees. */
  readonly ra: string
  readonly dec: string
  readonly key: readonly string[]
  /** Errors of the positions, for matches by deviation; without them they count as exact. */
  readonly errors?: PositionErrors
  /** How the rows move, for matches at an epoch; without it they stay. */
  readonly motion?: ProperMotion
  /** The catalogue, where it is one. */
  readonly catalog?: Catalog
  /** The file whose rows the table holds for the time of the match. */
  readonly file?: string
}

/** Columns of error ellipses: half axes of one standard deviation, and where the first points. */
export interface PositionErrors {
  readonly major: string
  /** Without it the errors are circles. */
  readonly minor?: string
  /** Position angle of the first half axis, degrees east of north; without it 0. */
  readonly angle?: string
  /** Degrees in a unit of the half axes: `arcsec(1)`, `arcsec(0.001)` for milliarcseconds. */
  readonly degrees: number
}

/** Columns of the proper motion, in milliarcseconds a year; that in right ascension is times cos(dec). */
export interface ProperMotion {
  readonly pmra: string
  readonly pmdec: string
  /** Epoch of the positions: Julian years, or the column that holds them. */
  readonly epoch: number | string
}

/** What a table is called in comments and records. */
export const nameOf = ({ table, file }: MatchTable): string => file ?? table

/**
 * Pairs to keep: `best` the nearest row of b for each of a; `symmetric` those that are each other's nearest;
 * `all`; `unmatched` the rows of a without any; `groups` the rows of a table that hang together by pairs with itself.
 */
export type KeptPairs = 'best' | 'symmetric' | 'all' | 'unmatched' | 'groups'

/** A radius for each row of a: a column, times a factor that gives degrees. */
export interface RowRadius {
  readonly column: string
  readonly degrees: number
}

export interface CrossMatchOptions {
  /** Degrees, or a column of a: `{ column: 'pos_err', degrees: arcsec(3) }` is three times an error in arc seconds. */
  readonly radius?: number | RowRadius
  /**
   * Instead of a radius: the largest separation in units of the combined error of both positions, e.g. 3. The nearest
   * is then the one with the least deviation.
   */
  readonly deviation?: number
  /** Julian years at which positions with a proper motion are compared. */
  readonly epoch?: number
  /** `true`: the nearest for each row of a; `symmetric`: mutual nearest; default: all pairs. */
  readonly best?: boolean | 'symmetric'
  /** The rows of a without a counterpart, instead of pairs. */
  readonly unmatched?: boolean
  /**
   * The rows of a table with duplicates, instead of pairs: each with the number and the size of its group. Rows are of one
   * group when a chain of pairs leads from one to the other, so that its ends may lie farther apart than the radius.
   */
  readonly groups?: boolean
}

/** A cross-match, declared but not run. */
export interface CrossMatch {
  readonly a: MatchTable
  readonly b: MatchTable
  /** 180 where the deviation decides. */
  readonly radius: number | RowRadius
  readonly deviation?: number
  readonly epoch?: number
  readonly keep: KeptPairs
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
 * @throws AlmagestError `REGION_RADIUS` for a radius or deviation below 0, a radius above 180 or no number,
 *   `SKY_ABSENT` for a catalogue without sky columns, `MATCH_KEY_ABSENT` for a table without key columns,
 *   `MATCH_OPTIONS` for options that exclude or need each other
 */
export function crossMatch(
  a: Catalog | MatchTable,
  b: Catalog | MatchTable,
  { radius, deviation, epoch, best = false, unmatched = false, groups = false }: CrossMatchOptions,
): CrossMatch {
  const [left, right] = [positionsOf(a), positionsOf(b)]
  checkLimit(radius, deviation)
  const self = left.table === right.table && left.ra === right.ra && left.dec === right.dec
  if ([best !== false, unmatched, groups].filter(Boolean).length > 1)
    throw optionFault(
      'a cross-match keeps the best pairs, the unmatched rows or the groups, not two of them',
      'run it twice',
    )
  if (groups && !self)
    throw optionFault(
      `groups are of one table with itself, not of ${nameOf(left)} and ${nameOf(right)}`,
      'name the same table twice, or keep the pairs',
    )
  if ((deviation === undefined) !== (!left.errors && !right.errors))
    throw optionFault(
      deviation === undefined
        ? 'errors of positions count by a deviation, not within a radius'
        : 'a deviation needs errors of at least one side',
      'name the columns of the errors and a deviation, or give a radius alone',
    )
  if (
    !(left.motion || right.motion) !== (epoch === undefined) ||
    (epoch !== undefined && !Number.isFinite(epoch))
  )
    throw optionFault(
      left.motion || right.motion
        ? 'tables with proper motion are matched at an epoch, which is missing'
        : 'an epoch needs a proper motion of at least one side',
      'name the columns of the proper motion and the epoch in Julian years, e.g. 2016, or neither',
    )
  const keep = unmatched
    ? 'unmatched'
    : groups
      ? 'groups'
      : best === 'symmetric'
        ? 'symmetric'
        : best
          ? 'best'
          : 'all'
  return Object.freeze({
    a: left,
    b: right,
    radius: radius ?? 180,
    ...(deviation === undefined ? {} : { deviation }),
    ...(epoch === undefined ? {} : { epoch }),
    keep,
    self,
  })
}

function checkLimit(radius: CrossMatchOptions['radius'], deviation: number | undefined): void {
  if ((radius === undefined) === (deviation === undefined))
    throw optionFault('a cross-match has either a radius or a deviation', 'give one of them')
  const value = radius === undefined ? deviation! : typeof radius === 'number' ? radius : radius.degrees
  if (value >= 0 && value <= (radius === undefined ? Number.MAX_VALUE : 180)) return
  throw new AlmagestError(
    'REGION_RADIUS',
    'usage',
    radius === undefined
      ? `the deviation of the cross-match is ${value}; it must not be negative`
      : `the radius of the cross-match is ${value} degrees; it must lie between 0 and 180`,
    'radii are degrees: write arcsec(1) for one arc second',
    { value: String(value) },
  )
}

const optionFault = (problem: string, hint: string): AlmagestError =>
  new AlmagestError('MATCH_OPTIONS', 'usage', problem, hint)

/** How near rows must be, in words. */
export function withinText({ radius, deviation, epoch }: CrossMatch): string {
  const at = epoch === undefined ? '' : ` at epoch ${epoch}`
  if (deviation !== undefined) return `${deviation} combined errors${at}`
  const radiusText =
    typeof radius === 'number'
      ? `${radius} degrees`
      : `${radius.degrees} degrees times ${radius.column.trim()}`
  return `${radiusText}${at}`
}

function positionsOf(table: Catalog | MatchTable): MatchTable {
  const positions = 'columns' in table ? matchSide(table) : table
  if (positions.key.length > 0) return positions
  throw new AlmagestError(
    'MATCH_KEY_ABSENT',
    'usage',
    `${positions.table} has no key columns to tell its rows apart`,
    'name the columns that identify a row',
  )
}

/**
 * A catalogue as side of a cross-match, with columns for the errors and the motion of its positions.
 * @throws AlmagestError `SKY_ABSENT` for a catalogue without sky columns
 */
export function matchSide(catalog: Catalog, more: Pick<MatchTable, 'errors' | 'motion'> = {}): MatchTable {
  const { name, sky, key } = catalog
  if (sky) return { table: name, ra: sky.ra, dec: sky.dec, key, catalog, ...more }
  throw new AlmagestError(
    'SKY_ABSENT',
    'usage',
    `${name} declares no sky columns`,
    'Add sky: { ra, dec, frame, index } to its definition, or name the columns of the position.',
  )
}

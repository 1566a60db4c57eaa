// Proper motion: where a star stands at another epoch.

import { AlmagestError } from '../model/index.ts'
import type { Position } from './angle.ts'
import { type Direction, type Frame, fromIcrs } from './frame.ts'
import {
  apply,
  cross,
  dot,
  plus,
  radians,
  times,
  toAngles,
  toVector,
  transpose,
  unit,
  type Vector,
} from './matrix.ts'

/** A position and how it changes, in the units of the catalogues. */
export interface Motion extends Position {
  /** Proper motion in right ascension times cos(dec), milliarcseconds a year. */
  readonly pmra: number
  /** Proper motion in declination, milliarcseconds a year. */
  readonly pmdec: number
  /** Parallax in milliarcseconds; with it and the radial velocity the perspective acceleration counts. */
  readonly parallax?: number
  /** Radial velocity in km/s, positive for receding. */
  readonly radialVelocity?: number
  /** Epoch of the position, in Julian years. */
  readonly epoch: number
}

/** One milliarcsecond a year, in radians a year. */
const masPerYear = radians(1 / 3_600_000)
/** The astronomical unit in km times years a second: km/s that move a star at parallax 1 radian by 1 radian a year. */
const auPerYear = 149_597_870.7 / (365.25 * 86_400)

/**
 * The same star at another epoch, moving in a straight line at constant speed (ESA SP-1200 vol. 1, 1.5.5); the
 * proper motion is that of the new epoch. The time that light takes is left out: for Barnard's star, the fastest,
 * that makes 0.3 milliarcseconds in 50 years.
 *
 * @param epoch  Julian years, e.g. 2016
 * @throws AlmagestError `EPOCH_INVALID` for an epoch that is no number
 */
export function atEpoch(star: Motion, epoch: number): Motion {
  if (!Number.isFinite(epoch) || !Number.isFinite(star.epoch)) {
    throw new AlmagestError(
      'EPOCH_INVALID',
      'usage',
      `the epochs are ${star.epoch} and ${epoch}; both must be numbers`,
      'Epochs are Julian years, such as 2015.5.',
      { value: String(epoch) },
    )
  }
  const years = epoch - star.epoch
  const { towards, east, north } = axes(star)
  const along = ((star.radialVelocity ?? 0) * (star.parallax ?? 0) * masPerYear) / auPerYear
  const across = plus(times(star.pmra * masPerYear, east), times(star.pmdec * masPerYear, north))
  const velocity = plus(across, times(along, towards))
  const moved = plus(towards, times(years, velocity))
  const distance = Math.hypot(...moved)
  const { lon, lat } = toAngles(moved)
  const there = axes({ ra: lon, dec: lat })
  const speed = (axis: Vector) => dot(velocity, axis) / distance / masPerYear
  return {
    ...star,
    ra: lon,
    dec: lat,
    pmra: speed(there.east),
    pmdec: speed(there.north),
    ...(star.parallax === undefined ? {} : { parallax: star.parallax / distance }),
    ...(star.radialVelocity === undefined || !star.parallax
      ? {}
      : {
          radialVelocity: (dot(velocity, there.towards) * auPerYear) / (star.parallax * masPerYear),
        }),
    epoch,
  }
}

/** A proper motion in another frame: the components along that frame's longitude (times cos) and latitude. */
export function motionInFrame(star: Motion, frame: Frame): Direction & { pmlon: number; pmlat: number } {
  const matrix = fromIcrs(frame)
  const here = axes(star)
  const velocity = plus(times(star.pmra, here.east), times(star.pmdec, here.north))
  const { lon, lat } = toAngles(apply(matrix, here.towards))
  const there = axes({ ra: lon, dec: lat })
  const inIcrs = transpose(matrix)
  return {
    lon,
    lat,
    pmlon: dot(velocity, apply(inIcrs, there.east)),
    pmlat: dot(velocity, apply(inIcrs, there.north)),
  }
}

/** The direction of a position, and those of growing right ascension and declination there. */
function axes({ ra, dec }: Position): { towards: Vector; east: Vector; north: Vector } {
  const towards = toVector(ra, dec)
  const east: Vector = [-Math.sin(radians(ra % 360)), Math.cos(radians(ra % 360)), 0]
  return { towards, east, north: unit(cross(towards, east)) }
}

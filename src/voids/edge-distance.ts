// How far galaxies are from the nearest edge of the footprint in which a finder looked for voids.
import type { Positions } from './comoving.ts'
import { type Footprint, inFootprint, type SkyMask } from './footprint.ts'
import { maskBorder } from './mask-border.ts'
import { type NearestArc, nearestArc } from './nearest-arc.ts'

/**
 * Comoving distance from each galaxy to the nearest point outside the footprint: the least of r - nearest, farthest - r
 * and r sin(theta), theta being the angle to the mask's border; where that is a right angle or more, r. (The whole line
 * of sight in a direction outside the mask is outside, so its nearest point is the foot of the perpendicular.)
 * Mpc/h; 0 outside the footprint, NaN without a position and where nothing bounds the footprint.
 */
export type EdgeMeter = (positions: Positions) => Float32Array

/** Makes the meters of footprints; equal footprints share one, which measures the same positions once. */
export function edgeMeters(): (footprint: Footprint) => EdgeMeter {
  const borders = new Map<SkyMask, NearestArc>()
  const made: { footprint: Footprint; meter: EdgeMeter }[] = []
  return (footprint) => {
    const { mask, nearest, farthest } = footprint
    const known = made.find(
      ({ footprint: of }) => of.mask === mask && of.nearest === nearest && of.farthest === farthest,
    )
    if (known) return known.meter
    const border = borders.get(mask) ?? nearestArc(maskBorder(mask))
    borders.set(mask, border)
    const meter = rememberLast((positions) => edgeDistances(footprint, border, positions))
    made.push({ footprint, meter })
    return meter
  }
}

function rememberLast(meter: EdgeMeter): EdgeMeter {
  let last: { positions: Positions; distances: Float32Array } | undefined
  return (positions) => {
    if (last?.positions !== positions) last = { positions, distances: meter(positions) }
    return last.distances
  }
}

function edgeDistances(footprint: Footprint, border: NearestArc, { x, y, z }: Positions): Float32Array {
  const distances = new Float32Array(x.length)
  for (let i = 0; i < x.length; i++) distances[i] = edgeDistance(footprint, border, x[i]!, y[i]!, z[i]!)
  return distances
}

function edgeDistance(footprint: Footprint, border: NearestArc, x: number, y: number, z: number): number {
  const r = Math.sqrt(x * x + y * y + z * z)
  if (Number.isNaN(r)) return Number.NaN
  if (!inFootprint(footprint, x, y, z)) return 0
  const { nearest, farthest } = footprint
  // A footprint that begins with the observer has no edge there.
  const radial = Math.min(nearest > 0 ? r - nearest : Infinity, farthest - r)
  // theta counts where r sin(theta) < radial, so where the chord is below this: sin(theta) >= chord / sqrt(2) up to 90 degrees.
  const chord = border.chord(x / r, y / r, z / r, (Math.SQRT2 * radial) / r)
  const least = Math.min(radial, acrossSky(border, chord, r))
  return least < Infinity ? least : Number.NaN
}

function acrossSky({ size }: NearestArc, chord: number, r: number): number {
  if (size === 0) return Infinity
  return chord < Math.SQRT2 ? r * chord * Math.sqrt(1 - (chord * chord) / 4) : r
}

// Angles in degrees: units, sexagesimal text in and out, and the distance between two positions.
import { AlmagestError } from '../model/index.ts'

/** Position in degrees. */
export interface Position {
  readonly ra: number
  readonly dec: number
}

const RADIANS = Math.PI / 180

/**
 * Distance between two positions in degrees, by Vincenty's formula for the sphere (1975, Survey Review 23,
 * 88), which is exact to rounding at every distance, antipodes included. NaN for coordinates that are NaN.
 */
export function separation(a: Position, b: Position): number {
  const difference = (b.ra - a.ra) * RADIANS
  const [sinA, cosA] = [Math.sin(a.dec * RADIANS), Math.cos(a.dec * RADIANS)]
  const [sinB, cosB] = [Math.sin(b.dec * RADIANS), Math.cos(b.dec * RADIANS)]
  const across = cosB * Math.sin(difference)
  // cosA sinB - sinA cosB cos(difference), without cancellation for close positions
  const half = Math.sin(difference / 2)
  const along = Math.sin((b.dec - a.dec) * RADIANS) + 2 * sinA * cosB * half * half
  const towards = sinA * sinB + cosA * cosB * Math.cos(difference)
  return Math.atan2(Math.hypot(across, along), towards) / RADIANS
}

/** Position angle of b seen from a: degrees east of north, 0 to 360. */
export function bearing(a: Position, b: Position): number {
  const difference = (b.ra - a.ra) * RADIANS
  const [north, cosB] = [Math.sin(b.dec * RADIANS), Math.cos(b.dec * RADIANS)]
  const up = Math.cos(a.dec * RADIANS) * north - Math.sin(a.dec * RADIANS) * cosB * Math.cos(difference)
  return (Math.atan2(cosB * Math.sin(difference), up) / RADIANS + 360) % 360
}

const sexagesimal =
  /^([+-]?)(\d{1,3})\s*(h|d|°|:|\s)\s*(\d{1,2})(?:\s*(?:m|'|′|:|\s)\s*(?:(\d{1,2}(?:\.\d*)?)\s*(?:s|"|″)?)?)?$/

/**
 * Degrees from text: a number (`194.953`), or sexagesimal with colons, spaces or unit letters
 * (`12:59:48.7`, `+27 58 50`, `12h59m48.7s`, `27d58m50s`).
 *
 * @param unit  what the first sexagesimal field counts where the text doesn't say: hours for right
 *   ascensions, degrees for declinations; a plain number is always degrees
 * @throws AlmagestError `ANGLE_SYNTAX` for a text that is no angle, or with minutes or seconds of 60 or more
 */
export function parseAngle(text: string, unit: 'hours' | 'degrees'): number {
  const trimmed = text.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return Number(trimmed)
  const match = sexagesimal.exec(trimmed)
  if (!match) throw angleFault(text, 'is neither a number of degrees nor sexagesimal')
  const [, sign, first, mark, minutes, seconds = '0'] = match
  if (Number(minutes) >= 60 || Number(seconds) >= 60) {
    throw angleFault(text, `has ${minutes} minutes and ${seconds} seconds; each must be below 60`)
  }
  const value = Number(first) + Number(minutes) / 60 + Number(seconds) / 3600
  const inHours = mark === 'h' || (unit === 'hours' && mark !== 'd' && mark !== '°')
  return (sign === '-' ? -1 : 1) * value * (inHours ? 15 : 1)
}

function angleFault(text: string, problem: string): AlmagestError {
  return new AlmagestError(
    'ANGLE_SYNTAX',
    'usage',
    `the angle "${text}" ${problem}`,
    'write degrees (194.953) or sexagesimal (12:59:48.7 +27:58:50)',
    { value: text },
  )
}

/**
 * Sexagesimal text of an angle in degrees, rounded without ever showing 60: `12:59:48.70` in hours,
 * `+27:58:50.0` in degrees.
 *
 * @param digits  decimals of the seconds
 */
export function formatAngle(degrees: number, unit: 'hours' | 'degrees', digits = 2): string {
  const scale = 10 ** digits
  const units = unit === 'hours' ? (((degrees % 360) + 360) % 360) / 15 : Math.abs(degrees)
  const total = Math.round(units * 3600 * scale)
  const ticks = unit === 'hours' ? total % (24 * 3600 * scale) : total
  const whole = Math.floor(ticks / (3600 * scale))
  const minutes = Math.floor(ticks / (60 * scale)) % 60
  const seconds = ((ticks % (60 * scale)) / scale).toFixed(digits)
  const sign = unit === 'hours' ? '' : degrees < 0 && ticks > 0 ? '-' : '+'
  const width = digits > 0 ? digits + 3 : 2
  return `${sign}${pad(whole)}:${pad(minutes)}:${seconds.padStart(width, '0')}`
}

const pad = (value: number): string => String(value).padStart(2, '0')

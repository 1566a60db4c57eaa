// Positions and sizes on the sky as typed on the command line: degrees or sexagesimal, in any frame.
import { arcmin, arcsec, type Frame, type Position, parseAngle, toIcrs } from '../sky/index.ts'
import { invalid } from './numbers.ts'

/** The parts of an option that are separated by commas, exactly as many as there are names. */
export function parts(option: string, text: string, names: readonly string[]): string[] {
  const found = text.split(',').map((each) => each.trim())
  if (found.length === names.length && !found.includes('')) return found
  throw invalid(option, text, `${names.length} values: ${names.join(',')}`)
}

/** A longitude: sexagesimal right ascensions are hours, longitudes of other frames degrees. */
export function readLongitude(text: string, frame: Frame): number {
  return parseAngle(text, frame.kind === 'icrs' || frame.kind === 'fk5' ? 'hours' : 'degrees')
}

/** A position in ICRS from its two coordinates in a frame. */
export function readPosition(lon: string, lat: string, frame: Frame): Position {
  return toIcrs({ lon: readLongitude(lon, frame), lat: parseAngle(lat, 'degrees') }, frame)
}

/** An angular size in degrees: `0.5`, `0.5d`, `30'`, `30arcmin`, `3.6"`, `3.6arcsec`. */
export function readSize(option: string, text: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(d|deg|°|'|′|arcmin|"|″|arcsec)?$/i.exec(
    text.trim(),
  )
  if (!match) throw invalid(option, text, `a size in degrees, or with ' (arcmin) or " (arcsec)`)
  const value = Number(match[1])
  const unit = match[2] ?? 'd'
  if (/^['′]|arcmin/i.test(unit)) return arcmin(value)
  return /^["″]|arcsec/i.test(unit) ? arcsec(value) : value
}

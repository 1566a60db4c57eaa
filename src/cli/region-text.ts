// Positions and sizes on the sky as typed on the command line: degrees or sexagesimal, in any frame.
import { type Frame, type Position, parseAngle, toIcrs } from '../sky/index.ts'
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

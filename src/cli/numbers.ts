// Numbers on the command line, checked where they are read.
import { AlmagestError } from '../model/index.ts'

/** A parser for a whole number in [low, high]. @throws AlmagestError `OPTION_INVALID` */
export function wholeNumber(
  option: string,
  low: number,
  high = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll(/[_,]/g, ''))
    if (Number.isInteger(value) && value >= low && value <= high) return value
    throw invalid(option, text, `a whole number from ${low} to ${high}`)
  }
}

/** A parser for a number of at least 0. @throws AlmagestError `OPTION_INVALID` */
export function nonNegative(option: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value) && value >= 0) return value
    throw invalid(option, text, 'a number of at least 0')
  }
}

const units: Record<string, number> = { '': 1, deg: 1, arcmin: 60, arcsec: 3600, mas: 3_600_000 }

/** A parser for an angle with its unit, in degrees: `1arcsec`, `0.5 arcmin`, `2`. @throws AlmagestError `OPTION_INVALID` */
export function angle(option: string): (text: string) => number {
  return (text) => {
    const [, number, unit] = /^\s*([-+\d.e]+?)\s*(deg|arcmin|arcsec|mas|)\s*$/i.exec(text) ?? []
    const value = Number(number) / units[(unit ?? '').toLowerCase()]!
    if (Number.isFinite(value)) return value
    throw invalid(option, text, 'an angle such as 1arcsec, 0.5arcmin or 2 (degrees)')
  }
}

export function invalid(option: string, text: string, expected: string): AlmagestError {
  return new AlmagestError(
    'OPTION_INVALID',
    'usage',
    `${option} takes ${expected}, not "${text}"`,
    'Correct the option; --help shows examples.',
    { value: text },
  )
}

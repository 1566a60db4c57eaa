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

/** A parser for an angle with its unit, in degrees, see {@link readSize}. @throws AlmagestError `OPTION_INVALID` */
export const angle = (option: string) => (text: string) => readSize(option, text)

const sizes: Record<string, number> = {
  d: 1,
  deg: 1,
  '°': 1,
  "'": 60,
  '′': 60,
  arcmin: 60,
  '"': 3600,
  '″': 3600,
  arcsec: 3600,
  mas: 3_600_000,
}

/**
 * An angular size in degrees: `0.5`, `0.5deg`, `30'`, `30arcmin`, `3.6"`, `3.6arcsec`, `40mas`.
 * @throws AlmagestError `OPTION_INVALID`
 */
export function readSize(option: string, text: string): number {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z°'′"″]*)$/i.exec(text.trim())
  const unit = sizes[match?.[2]?.toLowerCase() || 'd']
  if (match && unit !== undefined) return Number(match[1]) / unit
  throw invalid(option, text, `an angle in degrees, or such as 30' (30arcmin), 1" (1arcsec), 40mas`)
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

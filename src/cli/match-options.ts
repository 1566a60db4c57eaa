// The options of `almagest cross-match` that say which rows are near enough, as the declaration of a match.
import type { CrossMatchOptions, PositionErrors, ProperMotion } from '../model/index.ts'
import type { SideColumns } from './match-side.ts'
import { invalid } from './numbers.ts'

/** What the command line says of it. */
export interface NearOptions {
  radius?: number
  radiusColumn?: string
  deviation?: number
  epoch?: number
  errorsA?: PositionErrors
  errorsB?: PositionErrors
  errorUnit: number
  motionA?: ProperMotion
  motionB?: ProperMotion
  keep: 'best' | 'all' | 'symmetric' | 'unmatched'
}

/** Options of `crossMatch`. */
export function matchOptions({
  radius,
  radiusColumn,
  deviation,
  epoch,
  keep,
}: NearOptions): CrossMatchOptions {
  return {
    ...(radius === undefined
      ? {}
      : { radius: radiusColumn === undefined ? radius : { column: radiusColumn, degrees: radius } }),
    ...(deviation === undefined ? {} : { deviation }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(keep === 'unmatched' ? { unmatched: true } : {}),
    ...(keep === 'best' ? { best: true } : {}),
    ...(keep === 'symmetric' ? { best: 'symmetric' as const } : {}),
  }
}

/** Columns of one side. */
export function sideColumns(
  { errorsA, errorsB, errorUnit, motionA, motionB }: NearOptions,
  side: 'a' | 'b',
): SideColumns {
  const [errors, motion] = side === 'a' ? [errorsA, motionA] : [errorsB, motionB]
  return { ...(errors && { errors: { ...errors, degrees: errorUnit } }), ...(motion && { motion }) }
}

/** A parser of `MAJOR[,MINOR[,ANGLE]]`. @throws AlmagestError `OPTION_INVALID` */
export function errorColumns(option: string): (text: string) => PositionErrors {
  return (text) => {
    const [major = '', minor, angle, ...others] = names(text)
    if (!major || others.length > 0 || names(text).includes(''))
      throw invalid(option, text, 'columns as MAJOR, MAJOR,MINOR or MAJOR,MINOR,ANGLE')
    return { major, degrees: 1, ...(minor && { minor }), ...(angle && { angle }) }
  }
}

/** A parser of `PMRA,PMDEC,EPOCH`, the epoch a year or a column. @throws AlmagestError `OPTION_INVALID` */
export function motionColumns(option: string): (text: string) => ProperMotion {
  return (text) => {
    const [pmra, pmdec, epoch, ...others] = names(text)
    if (!pmra || !pmdec || !epoch || others.length > 0)
      throw invalid(option, text, 'columns and an epoch as PMRA,PMDEC,2016 or PMRA,PMDEC,COLUMN')
    return { pmra, pmdec, epoch: Number.isFinite(Number(epoch)) ? Number(epoch) : epoch }
  }
}

const names = (text: string): string[] => text.split(',').map((each) => each.trim())

// The options of `almagest cross-match` that say which rows are near enough, as the declaration of a match.
import {
  AlmagestError,
  type CrossMatchOptions,
  type KeptPairs,
  type PositionErrors,
  type ProperMotion,
} from '../model/index.ts'
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
  keep: KeptPairs
}

/**
 * Options of `crossMatch`.
 * @param columnOfA  what the table of a calls a column
 * @throws AlmagestError `MATCH_OPTIONS` for a column of radii without their unit
 */
export function matchOptions(
  { radius, radiusColumn, deviation, epoch, keep }: NearOptions,
  columnOfA: (name: string) => string,
): CrossMatchOptions {
  if (radiusColumn !== undefined && radius === undefined)
    throw optionFault(
      '--radius-column needs --radius, the angle that a unit of the column is',
      'e.g. --radius 1arcsec',
    )
  return {
    ...(radius === undefined
      ? {}
      : {
          radius: radiusColumn === undefined ? radius : { column: columnOfA(radiusColumn), degrees: radius },
        }),
    ...(deviation === undefined ? {} : { deviation }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(keep === 'unmatched' ? { unmatched: true } : {}),
    ...(keep === 'best' ? { best: true } : {}),
    ...(keep === 'groups' ? { groups: true } : {}),
    ...(keep === 'symmetric' ? { best: 'symmetric' as const } : {}),
  }
}

/** Columns of one side. */
export function sideColumns(
  { errorsA, errorsB, errorUnit, motionA, motionB, radiusColumn }: NearOptions,
  side: 'a' | 'b',
): SideColumns {
  const [errors, motion] = side === 'a' ? [errorsA, motionA] : [errorsB, motionB]
  return {
    ...(errors && { errors: { ...errors, degrees: errorUnit } }),
    ...(motion && { motion }),
    ...(side === 'a' && radiusColumn !== undefined && { radius: radiusColumn }),
  }
}

/** The fault of options that exclude or need each other. */
export const optionFault = (problem: string, hint: string): AlmagestError =>
  new AlmagestError('MATCH_OPTIONS', 'usage', problem, hint)

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

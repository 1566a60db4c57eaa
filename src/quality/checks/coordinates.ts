// Whether the positions of a file are degrees: its extremes tell radians and hours.
import { quoteIdentifier } from '../../postgres/index.ts'
import type { CheckKind, Measures } from '../check.ts'
import { skyExtremes } from '../screen.ts'

/** Rows below which the extremes of a file tell nothing. */
const fewest = 50

export const kind: CheckKind = {
  finds:
    'files whose positions are radians, whose RA is in hours, or whose declinations are right ascensions',
  limits:
    'by the extremes of a file of 50 rows or more; a field that really lies within RA 0 to 6.28 and Dec -1.57 to 1.57 and fills it looks like radians. Single rows: see healpix and footprint',
  derive: ({ catalog: { sky }, facts }) => {
    if (!sky) return []
    return [
      {
        name: 'coordinates',
        about: 'positions are right ascension and declination in degrees',
        columns: [sky.ra, sky.dec],
        aggregates: skyExtremes(sky),
        judge: ({ files }) => {
          const wrong = files.flatMap(({ file, rows, measures }) => {
            const mishap = rows >= fewest ? mishapOf(measures) : undefined
            const name = facts.files.find(({ id }) => id === file)?.name ?? 'rows of no file'
            return mishap ? [{ file, rows, says: `${name}: ${mishap}` }] : []
          })
          if (wrong.length === 0)
            return { state: 'pass', failing: 0, message: `${files.length} files in degrees` }
          const where = facts.fileColumn
            ? `coalesce(${quoteIdentifier(facts.fileColumn)}, 0) IN (${wrong.map(({ file }) => file).join(', ')})`
            : 'true'
          const failing = wrong.reduce((sum, { rows }) => sum + rows, 0)
          return { state: 'fail', failing, message: wrong.map(({ says }) => says).join('; '), where }
        },
      },
    ]
  },
}

function mishapOf({ lowRa, highRa, lowDec, highDec }: Measures): string | undefined {
  if (lowRa == null || highRa == null || lowDec == null || highDec == null) return undefined
  const [spreadRa, spreadDec] = [highRa - lowRa, highDec - lowDec]
  if (highDec > 90.000001 || lowDec < -90.000001)
    return `declinations from ${lowDec} to ${highDec}: RA and Dec are swapped, or Dec is not in degrees`
  const inRadians = lowRa >= -Math.PI && highRa <= 2 * Math.PI && Math.max(-lowDec, highDec) <= Math.PI / 2
  if (inRadians && (spreadRa > 1 || spreadDec > 0.5)) return `RA to ${highRa} and Dec to ${highDec}: radians`
  if (lowRa >= 0 && highRa <= 24 && spreadRa > 12 && spreadDec > 24)
    return `RA from ${lowRa} to ${highRa}: hours`
  return undefined
}

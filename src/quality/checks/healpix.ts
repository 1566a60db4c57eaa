// Whether each row's position lies in the HEALPix pixel that the row, or the name of its file, states.
import { quoteIdentifier, type Row } from '../../postgres/index.ts'
import { ecliptic, type Frame, fk5, fromIcrs, galactic, transpose, type Vector } from '../../sky/index.ts'
import type { Check, CheckKind, RunContext, ScanCheck, Screen, Subject } from '../check.ts'
import { rowRule } from '../check.ts'
import { healpixSql, surelyInPixelSql } from '../healpix-sql.ts'
import { fromSql } from '../scan.ts'
import { extremes, nullsOf } from '../screen.ts'

export const kind: CheckKind = {
  finds:
    'positions outside the stated pixel, and what happened to them: RA and Dec swapped, radians, hours, an hour of RA too many or too few, the sign of Dec, another frame or equinox (1950, galactic, ecliptic)',
  limits:
    'needs `expect.healpix`; a position on the border of two pixels (1e-9 degrees) may be counted to either; the dearest of the column checks',
  derive: (subject) => {
    const { catalog, facts } = subject
    const told = catalog.quality?.expect?.healpix
    if (!told || !catalog.sky) return []
    const checks: Check[] = []
    const { column, nside = 64 } = told
    const own =
      column === undefined
        ? undefined
        : pixelCheck(subject, 'healpix', nside, quoteIdentifier(column), column)
    if (own) checks.push(own)
    if (told.file && facts.fileColumn !== undefined) {
      const pattern = new RegExp(told.file.pattern)
      const pixels = new Map(
        facts.files.flatMap(({ id, name }) => {
          const found = pattern.exec(name)?.[1]
          return found === undefined ? [] : [[id, Number(found)] as const]
        }),
      )
      const cases = [...pixels].map(([id, pixel]) => `WHEN ${id} THEN ${pixel}`)
      const stated = `CASE ${quoteIdentifier(facts.fileColumn)} ${cases.join(' ')} END`
      if (pixels.size > 0) {
        const check = pixelCheck(subject, 'healpix:file', told.file.nside, stated, facts.fileColumn)
        const screen = own?.screen && byColumn(own, column!, (nside / told.file.nside) ** 2, pixels)
        checks.push(screen ? { ...check, screen } : check)
      }
    }
    return checks
  },
}

/**
 * Rows whose position lies in the pixel that their column states lie in the file's if that pixel is a part of the file's:
 * nested numbers are shifted by two bits a level.
 */
function byColumn(
  own: ScanCheck,
  column: string,
  parts: number,
  pixels: ReadonlyMap<number, number>,
): Screen {
  return {
    aggregates: { unsure: own.screen!.aggregates.unsure!, nulls: nullsOf(column), ...extremes(column) },
    clears: ({ file, measures: { unsure, nulls, low, high } }) => {
      const pixel = pixels.get(file)
      if (pixel === undefined) return true
      return (
        unsure === 0 &&
        nulls === 0 &&
        Math.floor(low! / parts) === pixel &&
        Math.floor(high! / parts) === pixel
      )
    },
  }
}

/** What may have happened to a position, and the SQL that undoes it. */
const mishaps: readonly {
  readonly says: string
  readonly undo: (ra: string, dec: string) => readonly [ra: string, dec: string]
}[] = [
  { says: 'RA and Dec are swapped', undo: (ra, dec) => [dec, ra] },
  { says: 'they are radians, not degrees', undo: (ra, dec) => [`degrees(${ra})`, `degrees(${dec})`] },
  { says: 'RA is in hours', undo: (ra, dec) => [`15 * ${ra}`, dec] },
  { says: 'RA is one hour too large', undo: (ra, dec) => [`${ra} - 15`, dec] },
  { says: 'RA is one hour too small', undo: (ra, dec) => [`${ra} + 15`, dec] },
  { says: 'Dec has the wrong sign', undo: (ra, dec) => [ra, `-${dec}`] },
  // Without the terms of aberration that FK4 has besides (0.3 arcseconds): pixels are larger.
  { says: 'they are of equinox 1950 (FK4)', undo: rotated(fk5(1950)) },
  { says: 'they are galactic coordinates', undo: rotated(galactic) },
  { says: 'they are ecliptic coordinates', undo: rotated(ecliptic()) },
]

/** Positions of another frame in ICRS. */
function rotated(frame: Frame) {
  const [x, y, z] = transpose(fromIcrs(frame))
  return (lon: string, lat: string): [ra: string, dec: string] => {
    const vector = [
      `cos(radians(${lon})) * cos(radians(${lat}))`,
      `sin(radians(${lon})) * cos(radians(${lat}))`,
      `sin(radians(${lat}))`,
    ]
    const along = (row: Vector) => row.map((each, i) => `${each} * ${vector[i]}`).join(' + ')
    return [`degrees(atan2(${along(y)}, ${along(x)}))`, `degrees(asin(least(1, greatest(-1, ${along(z)}))))`]
  }
}

/** Rows that are surely in their pixel need no more than that; where all are, nothing else is computed. */
function quickly(sure: string): { unless: string; screen: Screen } {
  const unsure = `count(*) FILTER (WHERE (${sure}) IS NOT TRUE)`
  return {
    unless: sure,
    screen: {
      aggregates: { unsure: { sql: unsure, merge: 'sum' } },
      clears: ({ measures }) => measures.unsure === 0,
    },
  }
}

function pixelCheck(
  { catalog }: Subject,
  name: string,
  nside: number,
  stated: string,
  column: string,
): ScanCheck {
  const { ra, dec } = catalog.sky!
  const [raSql, decSql] = [`${quoteIdentifier(ra)}::float8`, `${quoteIdentifier(dec)}::float8`]
  const known = `${raSql} >= 0 AND ${raSql} <= 360 AND ${decSql} >= -90 AND ${decSql} <= 90`
  const failing = `CASE WHEN ${known} THEN ${healpixSql(nside, raSql, decSql)} <> ${stated} END`
  const rule = rowRule({
    name,
    about: `positions lie in the pixel that ${name === 'healpix' ? column : 'the name of the file'} states (nside ${nside}, nested)`,
    columns: [ra, dec, column],
    failing,
    ...(nside <= 64 ? quickly(surelyInPixelSql(nside, raSql, decSql, stated)) : {}),
    says: (rows) => `${rows} in another pixel`,
  })
  const explain = async (context: RunContext) => {
    const list = mishaps.map(({ undo }, i) => {
      const undone = healpixSql(nside, ...undo(raSql, decSql))
      return `count(*) FILTER (WHERE ${undone} = ${stated})::float8 AS m${i}`
    })
    const from = fromSql(context)
    const { rows } = await context.client.query<Row & Record<string, number>>(
      `SELECT count(*)::float8 AS n, ${list.join(', ')} ${from} ${from.includes(' WHERE ') ? 'AND' : 'WHERE'} (${failing})`,
    )
    const counts = rows[0]!
    const [best] = mishaps.map(({ says }, i) => ({ says, n: counts[`m${i}`]! })).sort((a, b) => b.n - a.n)
    return best && best.n >= 0.8 * counts.n!
      ? `${best.says} (which explains ${best.n} of ${counts.n})`
      : undefined
  }
  return { ...rule, explain }
}

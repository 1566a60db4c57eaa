// Whether each row's position lies in the HEALPix pixel that the row, or the name of its file, states.
import { quoteIdentifier, type Row } from '../../postgres/index.ts'
import type { Check, CheckKind, RunContext, ScanCheck, Screen, Subject } from '../check.ts'
import { rowRule } from '../check.ts'
import { healpixSql, surelyInPixelSql } from '../healpix-sql.ts'
import { fromSql } from '../scan.ts'
import { extremes, nullsOf } from '../screen.ts'

export const kind: CheckKind = {
  finds:
    'positions outside the stated pixel, and what happened to them: RA and Dec swapped, radians, hours, an hour of RA too many or too few, the sign of Dec',
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

/** What may have happened to a position, and how to undo it. */
const mishaps: readonly [says: string, ra: string, dec: string][] = [
  ['RA and Dec are swapped', '$dec', '$ra'],
  ['they are radians, not degrees', 'degrees($ra)', 'degrees($dec)'],
  ['RA is in hours', '15 * $ra', '$dec'],
  ['RA is one hour too large', '$ra - 15', '$dec'],
  ['RA is one hour too small', '$ra + 15', '$dec'],
  ['Dec has the wrong sign', '$ra', '-$dec'],
]

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
    const list = mishaps.map(([, a, d], i) => {
      const [undoneRa, undoneDec] = [a, d].map((x) => x.replace('$ra', raSql).replace('$dec', decSql))
      return `count(*) FILTER (WHERE ${healpixSql(nside, undoneRa!, undoneDec!)} = ${stated})::float8 AS m${i}`
    })
    const from = fromSql(context)
    const { rows } = await context.client.query<Row & Record<string, number>>(
      `SELECT count(*)::float8 AS n, ${list.join(', ')} ${from} ${from.includes(' WHERE ') ? 'AND' : 'WHERE'} (${failing})`,
    )
    const counts = rows[0]!
    const [best] = mishaps.map(([says], i) => ({ says, n: counts[`m${i}`]! })).sort((a, b) => b.n - a.n)
    return best && best.n >= 0.8 * counts.n!
      ? `${best.says} (which explains ${best.n} of ${counts.n})`
      : undefined
  }
  return { ...rule, explain }
}

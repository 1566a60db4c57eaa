// Whether numbers went through a type that is too small for them.
import { quoteIdentifier } from '../../postgres/index.ts'
import { type Check, type CheckKind, counted, type Screen, type Subject } from '../check.ts'
import { extremes } from '../screen.ts'

/** Values below which a coincidence could be meant: the chance of it is 2^-40. */
const fewest = 40

export const kind: CheckKind = {
  finds:
    'files whose positions went through single precision (an arcsecond is lost), and whose identifiers beyond 2^53 went through a double and were rounded',
  limits:
    'tells files of 40 values or more, not single rows; identifiers that are all even by construction need an exception',
  derive: (subject) => {
    const { catalog } = subject
    const sky = catalog.sky ? [catalog.sky.ra, catalog.sky.dec] : []
    const coordinates = sky.filter((name) => catalog.columns[name]!.type === 'double precision')
    const identifiers = Object.keys(catalog.columns).filter(
      (name) => catalog.columns[name]!.type === 'bigint',
    )
    return [
      ...coordinates.map((name) => {
        const column = quoteIdentifier(name)
        const known = `abs(${column}) BETWEEN 1e-30 AND 1e30`
        const off = `${known} AND (CASE WHEN ${known} THEN ${column} END)::real::float8 <> ${column}`
        // An extreme that single precision can't hold was kept, and with it the file.
        const screen: Screen = {
          aggregates: extremes(name),
          clears: ({ measures: { low, high } }) => [low, high].some((end) => isDouble(end ?? 0)),
        }
        return lossCheck(subject, name, known, off, 'went through single precision', screen)
      }),
      ...identifiers.map((name) => {
        const column = quoteIdentifier(name)
        const big = `${column} > 9007199254740992`
        const screen: Screen = {
          aggregates: { ...extremes(name), odd: { sql: `bit_or(${column}) & 1`, merge: 'max' } },
          clears: ({ measures: { low, high, odd } }) =>
            (high ?? 0) <= 2 ** 53 || (low! > 2 ** 53 && odd === 1),
        }
        const kept = `${big} AND ${column} % 2 <> 0`
        return lossCheck(subject, name, big, kept, 'are all even: rounded by a double', screen)
      }),
    ]
  },
}

const isDouble = (value: number) => Number.isFinite(value) && Math.fround(value) !== value

/** A file fails when it has values that could have been rounded, and not one was kept exactly. */
function lossCheck(
  { facts }: Subject,
  name: string,
  could: string,
  kept: string,
  says: string,
  screen: Screen,
): Check {
  return {
    name: `precision:${name}`,
    about: `${name} kept its precision in every file`,
    columns: [name],
    screen,
    aggregates: {
      could: { sql: `count(*) FILTER (WHERE ${could})`, merge: 'sum' },
      kept: { sql: `count(*) FILTER (WHERE ${kept})`, merge: 'sum' },
    },
    judge: ({ files }) => {
      const lost = files.filter(({ measures }) => (measures.could ?? 0) >= fewest && measures.kept === 0)
      if (lost.length === 0) return { state: 'pass', failing: 0, message: `${files.length} files kept it` }
      const names = lost.map(
        ({ file }) => facts.files.find(({ id }) => id === file)?.name ?? 'rows of no file',
      )
      const failing = lost.reduce((sum, { measures }) => sum + (measures.could ?? 0), 0)
      const only = facts.fileColumn
        ? ` AND coalesce(${quoteIdentifier(facts.fileColumn)}, 0) IN (${lost.map(({ file }) => file).join(', ')})`
        : ''
      const message = `${counted(failing, 'value')} of ${name} in ${names.join(', ')} ${says}`
      return { state: 'fail', failing, message, where: `${could}${only}` }
    },
  }
}

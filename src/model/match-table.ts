// A cross-match that a survey stores: its table as a catalogue, with foreign keys, separation and rank.
import type { Catalog, ForeignKey } from './catalog.ts'
import { type Column, float64, int32, int64, text } from './column.ts'
import type { CrossMatch, MatchTable } from './cross-match.ts'
import { withinText } from './cross-match.ts'
import { defineCatalog } from './define-catalog.ts'
import { refuse } from './fault.ts'
import { byServer } from './source.ts'

/** A declared cross-match; `almagest cross-match NAME` fills its catalogue. */
export interface MatchDeclaration {
  readonly match: CrossMatch
  readonly catalog: Catalog
}

/** Names of the columns of a result that hold the keys of both sides; of b there are none where it has no pairs. */
export function matchKeys({ a, b, keep }: CrossMatch): { a: string[]; b: string[] } {
  const named = (side: string, { key }: MatchTable) => key.map((column) => `${side}_${column}`)
  return { a: named('a', a), b: keep === 'unmatched' || keep === 'groups' ? [] : named('b', b) }
}

/** Names of the columns of a result beside the keys. */
export function matchMeasures({ keep }: CrossMatch): string[] {
  if (keep === 'unmatched') return []
  return keep === 'groups' ? ['group_id', 'group_size'] : ['separation', 'rank']
}

/**
 * Declares a table for the pairs of a cross-match: the keys of both sides as `a_KEY` and `b_KEY`, which refer to their
 * catalogues, `separation` in degrees and `rank` (1 is the nearest); for groups `group_id` and `group_size`. List its catalogue among the survey's after the two
 * that it refers to, and itself among the survey's matches.
 * ```ts
 * matchTable('lab.gaia_pairs', 'Galaxies that Gaia sees', crossMatch(galaxies, gaia, { radius: arcsec(1), best: 'symmetric' }))
 * ```
 *
 * @throws AlmagestError `CATALOG_FAULTS` for sides that are no catalogues, or have keys that are neither whole numbers
 *   nor text
 */
export function matchTable(name: string, title: string, match: CrossMatch): MatchDeclaration {
  refuse(`cross-match "${name}"`, [...sideFaults('a', match.a), ...sideFaults('b', match.b)])
  const { a, b, keep } = match
  const names = matchKeys(match)
  const found = byServer('cross-match')
  const [left, right] = [a.catalog!, b.catalog!]
  const columns: Record<string, Column> = {
    ...keyColumns('a', a),
    ...(names.b.length > 0 ? keyColumns('b', b) : {}),
  }
  if (keep === 'groups') {
    const about = `rows that a chain of pairs within ${withinText(match)} holds together`
    columns.group_id = int32(found, `Number of the group of ${about}; in the order of their lowest keys.`, {
      ucd: 'meta.id',
      required: true,
    })
    columns.group_size = int32(found, 'Rows in the group.', { ucd: 'meta.number', required: true })
  } else if (keep !== 'unmatched') {
    columns.separation = float64(found, `Separation of the two positions; below ${withinText(match)}.`, {
      unit: 'deg',
      ucd: 'pos.angDistance',
      required: true,
    })
    columns.rank = int32(found, 'Place of the row of b among those kept for the row of a, nearest first.', {
      ucd: 'meta.number',
      required: true,
    })
  }
  const foreignKeys: ForeignKey[] = [{ columns: names.a, references: left.name, key: left.key }]
  if (names.b.length > 0) foreignKeys.push({ columns: names.b, references: right.name, key: right.key })
  const [, table = ''] = name.split('.')
  const catalog = defineCatalog({
    name,
    title,
    columns,
    key: keep === 'all' ? [...names.a, ...names.b] : names.a,
    foreignKeys,
    // Deleting from b, and asking from its side, look there; who has one row asks for the others of its group.
    ...(names.b.length > 0 ? { indexes: { [`idx_${table}_b`]: { btree: names.b } } } : {}),
    ...(keep === 'groups' ? { indexes: { [`idx_${table}_group`]: { btree: ['group_id'] } } } : {}),
  }) as Catalog
  return Object.freeze({ match, catalog })
}

const keyTypes = ['bigint', 'integer', 'serial', 'smallint', 'text']

function keyColumns(side: 'a' | 'b', { catalog, key }: MatchTable): Record<string, Column> {
  const columns = key.map((name): [string, Column] => {
    const { type, ucd, description } = catalog!.columns[name]!
    const found = byServer('cross-match')
    const about = `Row of ${catalog!.name} (${side}): ${description}`
    const options = ucd ? { ucd: ucd.replace(';meta.main', '') } : {}
    if (type === 'bigint') return [`${side}_${name}`, int64(found, about, options)]
    return [`${side}_${name}`, type === 'text' ? text(found, about, options) : int32(found, about, options)]
  })
  return Object.fromEntries(columns)
}

function sideFaults(side: 'a' | 'b', { table, catalog, key }: MatchTable) {
  if (!catalog)
    return [
      {
        path: side,
        problem: `${table} is no catalogue of the survey: a declared match refers to catalogues`,
      },
    ]
  return key
    .filter((name) => !keyTypes.includes(catalog.columns[name]!.type))
    .map((name) => ({
      path: `${side}.${name}`,
      problem: `a key of type ${catalog.columns[name]!.type} can't be matched by; whole numbers and text can`,
    }))
}

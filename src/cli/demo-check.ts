// The demonstration's check: what the database holds against the mock's known truth, number by number.
import type { MockTruth, Survey } from '../model/index.ts'
import { type Client, quoteQualified } from '../postgres/index.ts'
import type { MapVoidsSummary } from '../voids/index.ts'

export interface Comparison {
  readonly what: string
  readonly expected: number
  readonly found: number
}

/** Compares every count of the truth with the server's own; nothing is taken from the run's reports. */
export async function compareWithTruth(
  client: Client,
  survey: Survey,
  truth: MockTruth,
): Promise<Comparison[]> {
  const loaded: Comparison[] = []
  for (const [table, rows] of Object.entries({ ...truth.loaded, ...truth.matched })) {
    loaded.push(await loadedRows(client, table, rows))
  }
  return [
    ...loaded,
    ...(await rejectedRows(client, truth)),
    ...(await galaxiesInVoids(client, survey, truth)),
  ]
}

async function loadedRows(client: Client, table: string, expected: number): Promise<Comparison> {
  const { rows } = await client.query<{ found: bigint }>(
    `SELECT count(*) AS found FROM ${quoteQualified(table)}`,
  )
  return { what: `rows in ${table}`, expected, found: Number(rows[0]?.found) }
}

async function rejectedRows(client: Client, truth: MockTruth): Promise<Comparison[]> {
  const { rows } = await client.query<{ table: string; rule: string; found: bigint }>(
    'SELECT table_name AS table, rule, count(*) AS found FROM almagest.load_reject GROUP BY 1, 2',
  )
  const found = new Map(rows.map((each) => [`${each.table} ${each.rule}`, Number(each.found)]))
  const expected = new Map(truth.rejected.map((each) => [`${each.table} ${each.rule}`, each.rows]))
  return [...new Set([...expected.keys(), ...found.keys()])].map((each) => ({
    what: `rejected: ${each}`,
    expected: expected.get(each) ?? 0,
    found: found.get(each) ?? 0,
  }))
}

async function galaxiesInVoids(client: Client, survey: Survey, truth: MockTruth): Promise<Comparison[]> {
  const { voids } = survey
  if (!voids) return []
  const { rows } = await client.query<{
    source: string
    cap: string
    voids: bigint
    galaxies: bigint
    pairs: bigint
  }>(
    `SELECT v.void_catalog_source AS source, v.cap, count(DISTINCT v.void_id) AS voids,
       count(DISTINCT m.${voids.galaxies.key}) AS galaxies, count(m.void_id) AS pairs
     FROM ${quoteQualified(voids.voids.name)} v LEFT JOIN ${quoteQualified(voids.map.name)} m USING (void_id) GROUP BY 1, 2`,
  )
  return truth.inVoids.flatMap((expected) => {
    const found = rows.find((each) => each.source === expected.source && each.cap === expected.cap)
    return (['voids', 'galaxies', 'pairs'] as const).map((of) => ({
      what: `${expected.source} ${expected.cap}: ${of === 'galaxies' ? 'galaxies in voids' : of}`,
      expected: expected[of],
      found: Number(found?.[of] ?? 0),
    }))
  })
}

/** Comparisons that do not hold. */
export function unequal(comparisons: readonly Comparison[]): Comparison[] {
  return comparisons.filter(({ expected, found }) => expected !== found)
}

/** Totals of a mapping by source over both caps, for the closing table. */
export function bySource({
  releases,
}: MapVoidsSummary): { source: string; voids: number; galaxies: number }[] {
  const sources = [...new Set(releases.map((each) => each.source))]
  return sources.map((source) => {
    const own = releases.filter((each) => each.source === source)
    const sum = (of: 'voids' | 'galaxiesInside') => own.reduce((total, each) => total + each[of], 0)
    return { source, voids: sum('voids'), galaxies: sum('galaxiesInside') }
  })
}

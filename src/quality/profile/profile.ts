// Profiles: how the columns of a table are distributed, with where the rows came from.
import type { Catalog } from '../../model/index.ts'
import { type Client, quoteQualified } from '../../postgres/index.ts'
import type { TableFacts } from '../table-facts.ts'
import { distributions, measuredColumns, quantileEdges } from './histograms.ts'
import type { Profile } from './stored.ts'

/** Rows from which the edges of the bins are taken, about; the counts are of all rows. */
const rowsForEdges = 200_000

/** Profiles a table: edges from a sample of its rows, counts from one pass over all of them. */
export async function makeProfile(
  client: Client,
  catalog: Catalog,
  facts: TableFacts,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<Profile> {
  const from = `FROM ${quoteQualified(catalog.name)}`
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::float8 AS n ${from}`)
  const measured = measuredColumns(catalog).filter((column) => facts.columns.has(column))
  const edges = await quantileEdges(client, `${from}${bernoulli(rowsForEdges, rows[0]!.n)}`, measured)
  const others = Object.keys(catalog.columns).filter((column) => facts.columns.has(column))
  const all = new Map(others.map((column) => [column, edges.get(column) ?? []]))
  const { found } = await distributions(client, from, all)
  return {
    schema: 'almagest-profile-1',
    name,
    table: catalog.name,
    rows: rows[0]!.n,
    madeAt: new Date().toISOString(),
    version,
    files: facts.files.map((file) => ({ name: file.name, sha256: file.sha256 })),
    columns: Object.fromEntries(found),
  }
}

/** TABLESAMPLE for about so many of the rows, each drawn by itself; nothing where all are wanted. */
export function bernoulli(wanted: number, rows: number): string {
  return rows > wanted ? ` TABLESAMPLE BERNOULLI (${(100 * wanted) / rows}) REPEATABLE (1)` : ''
}

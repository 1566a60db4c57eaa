// Queries on one catalogue, built step by step; a misspelt column does not compile.
import { AlmagestError, type Catalog, type Columns, type Condition, type RowOf } from '../model/index.ts'
import {
  type Client,
  conditionSql,
  quoteIdentifier,
  quoteQualified,
  selectionSql,
} from '../postgres/index.ts'
import { requireSkyIndex } from './index-check.ts'
import type { Parameter, PositionSql } from './predicate.ts'
import type { Region } from './region.ts'
import type { SkyIndex } from './sky-index.ts'

/** SQL text and its parameters, as the driver takes them. */
export interface Sql {
  readonly text: string
  readonly parameters: unknown[]
}

/** What a query reads: SQL pieces, names quoted. */
export interface QuerySource {
  readonly catalog: Catalog
  readonly index: SkyIndex
  readonly table: string
  readonly position: PositionSql
  readonly columns: readonly string[]
  readonly key: readonly string[]
  /** The condition, or nothing where all rows are read. */
  readonly where: string
  readonly parameters: readonly Parameter[]
}

interface Parts {
  readonly columns: readonly string[]
  readonly selections: readonly string[]
  readonly conditions: readonly Condition[]
  readonly region?: Region
  readonly order?: string
  readonly limit?: number
}

/** A query that is not run yet; every step gives a new one. */
export class CatalogQuery<C extends Columns, K extends string, Picked extends keyof C & string> {
  readonly #catalog: Catalog<C, K>
  readonly #sky: SkyIndex
  readonly #parts: Parts

  constructor(catalog: Catalog<C, K>, sky: SkyIndex, parts: Parts) {
    this.#catalog = catalog
    this.#sky = sky
    this.#parts = parts
  }

  /** Only rows of a named selection; its conditions are literals, so that a partial index can serve. */
  only(selection: string): CatalogQuery<C, K, Picked> {
    return this.#with({ selections: [...this.#parts.selections, selection] })
  }

  where(...conditions: readonly Condition[]): CatalogQuery<C, K, Picked> {
    return this.#with({ conditions: [...this.#parts.conditions, ...conditions] })
  }

  /** Only rows inside the region: a cone, box, strip, ellipse, polygon or coverage map. @throws AlmagestError `SKY_ABSENT` for a catalogue without sky columns */
  within(region: Region): CatalogQuery<C, K, Picked> {
    this.#positions()
    return this.#with({ region })
  }

  pick<const P extends keyof C & string>(...columns: readonly P[]): CatalogQuery<C, K, P> {
    return new CatalogQuery<C, K, P>(this.#catalog, this.#sky, { ...this.#parts, columns })
  }

  orderBy(column: keyof C & string): CatalogQuery<C, K, Picked> {
    return this.#with({ order: column })
  }

  limit(rows: number): CatalogQuery<C, K, Picked> {
    return this.#with({ limit: rows })
  }

  /** What runs: `SELECT "targetid" FROM "desi_analysis"."fastspecfit_iron" WHERE …`. */
  sql(): Sql {
    const { columns, order, limit } = this.#parts
    const { text, parameters } = this.#from()
    const ordered = order === undefined ? '' : ` ORDER BY ${quoteIdentifier(order)}`
    const limited = limit === undefined ? '' : ` LIMIT ${limit}`
    const list = columns.map((column) => quoteIdentifier(column)).join(', ')
    return { text: `SELECT ${list} ${text}${ordered}${limited}`, parameters }
  }

  /** The number of rows that the query would give without its limit, as SQL. */
  countSql(): Sql {
    const { text, parameters } = this.#from()
    return { text: `SELECT count(*) AS rows ${text}`, parameters }
  }

  /**
   * Runs the query.
   * @param options.force  search by position even where a large table has no sky index
   * @throws AlmagestError `SKY_INDEX_MISSING`; what the server refuses
   */
  async rows(
    client: Client,
    options: { force?: boolean } = {},
  ): Promise<Pick<RowOf<Catalog<C, K>>, Picked & keyof RowOf<Catalog<C, K>>>[]> {
    await this.checkIndex(client, options)
    const { text, parameters } = this.sql()
    const { rows } = await client.query(text, parameters)
    return rows as Pick<RowOf<Catalog<C, K>>, Picked & keyof RowOf<Catalog<C, K>>>[]
  }

  /** Refuses a search by position in a large table without an index, see {@link requireSkyIndex}. */
  async checkIndex(client: Client, options: { force?: boolean } = {}): Promise<void> {
    if (this.#parts.region)
      await requireSkyIndex(client, this.#catalog as unknown as Catalog, this.#sky, options)
  }

  /**
   * What the query reads, for queries built upon it.
   * @param next    number of the first free parameter
   * @param within  a further region
   * @throws AlmagestError `SKY_ABSENT`
   */
  source(next = 1, within?: Region): QuerySource {
    const sky = this.#positions()
    const position = { ra: quoteIdentifier(sky.ra), dec: quoteIdentifier(sky.dec) }
    return {
      catalog: this.#catalog as unknown as Catalog,
      index: this.#sky,
      table: quoteQualified(this.#catalog.name),
      position,
      columns: this.#parts.columns.map((column) => quoteIdentifier(column)),
      key: this.#catalog.key.map((column) => quoteIdentifier(column)),
      ...this.#condition(next, within),
    }
  }

  #from(): Sql {
    const { where, parameters } = this.#condition(1)
    return { text: `FROM ${quoteQualified(this.#catalog.name)}${where ? ` WHERE ${where}` : ''}`, parameters }
  }

  #condition(next: number, further?: Region): { where: string; parameters: Parameter[] } {
    const { region, selections, conditions } = this.#parts
    const parameters: Parameter[] = []
    const regions = [region, further].flatMap((each) => {
      if (!each) return []
      const { ra, dec } = this.#positions()
      const position = { ra: quoteIdentifier(ra), dec: quoteIdentifier(dec) }
      const predicate = this.#sky.region(position, each, next + parameters.length)
      parameters.push(...predicate.parameters)
      return [predicate.sql]
    })
    const all = [
      ...regions,
      ...selections.map((each) => selectionSql(this.#catalog as unknown as Catalog, each)),
      ...conditions.map(conditionSql),
    ]
    return { where: all.join(' AND '), parameters }
  }

  #positions(): NonNullable<Catalog['sky']> {
    if (this.#catalog.sky) return this.#catalog.sky
    throw new AlmagestError(
      'SKY_ABSENT',
      'usage',
      `${this.#catalog.name} declares no sky columns`,
      'Add sky: { ra, dec, frame, index } to its definition, or query a catalogue that has them.',
    )
  }

  #with(parts: Partial<Parts>): CatalogQuery<C, K, Picked> {
    return new CatalogQuery<C, K, Picked>(this.#catalog, this.#sky, { ...this.#parts, ...parts })
  }
}

/** Starts a query on a catalogue: all rows, all columns. */
export function from<C extends Columns, K extends string>(
  catalog: Catalog<C, K>,
  sky: SkyIndex,
): CatalogQuery<C, K, keyof C & string> {
  const columns = Object.keys(catalog.columns)
  return new CatalogQuery(catalog, sky, { columns, selections: [], conditions: [] })
}

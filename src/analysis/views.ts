// Views for SQL users: the sample by environment, relations with jackknife errors, and the overlap of finders.
import { AlmagestError, environmentColumn, type Survey, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, quoteQualified } from '../postgres/index.ts'
import { sampleSql, voidsOf } from './environment-sample.ts'

/** Schema of a survey's views: beside its own, whose tables stay as declared. */
export const viewSchema = (survey: Survey): string => `${survey.schema}_views`

const mark = 'Views of galaxies by environment, made by Almagest'

interface View {
  readonly name: string
  readonly comment: string
  readonly sql: string
}

/**
 * Makes or renews the views and returns their names.
 * @throws AlmagestError `VOIDS_NOT_DECLARED`; `SCHEMA_FOREIGN` where the schema is there and was not made here
 */
export async function createViews(client: Client, survey: Survey): Promise<string[]> {
  const schema = viewSchema(survey)
  const views = viewsOf(survey, schema)
  await client.transaction(async () => {
    await refuseForeign(client, schema)
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`)
    await client.query(`COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(mark)}`)
    for (const { name } of views.toReversed())
      await client.query(`DROP VIEW IF EXISTS ${quoteQualified(name)}`)
    for (const { name, comment, sql } of views) {
      await client.query(`CREATE VIEW ${quoteQualified(name)} AS ${sql}`)
      await client.query(`COMMENT ON VIEW ${quoteQualified(name)} IS ${quoteLiteral(comment)}`)
    }
  })
  return views.map(({ name }) => name)
}

/** Removes the views and their schema. @throws AlmagestError as {@link createViews} */
export async function dropViews(client: Client, survey: Survey): Promise<void> {
  const schema = viewSchema(survey)
  await client.transaction(async () => {
    await refuseForeign(client, schema)
    for (const { name } of viewsOf(survey, schema).toReversed()) {
      await client.query(`DROP VIEW IF EXISTS ${quoteQualified(name)}`)
    }
    await client.query(`DROP SCHEMA IF EXISTS ${quoteIdentifier(schema)}`)
  })
}

async function refuseForeign(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ comment: string | null }>(
    "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
    [schema],
  )
  if (rows.length === 0 || rows[0]!.comment === mark) return
  throw new AlmagestError(
    'SCHEMA_FOREIGN',
    'server',
    `the schema "${schema}" exists and was not made by Almagest`,
    'Rename or drop it; the views stand in a schema of their own.',
    { value: schema },
  )
}

function viewsOf(survey: Survey, schema: string): View[] {
  const voids = voidsOf(survey)
  const sample = `${schema}.environment_sample`
  const views = [
    {
      name: sample,
      comment: 'A row for each galaxy and void finder: environment, position, sky region, properties',
      sql: sampleSql(voids),
    },
    {
      name: `${schema}.finder_agreement`,
      comment: agreementComment,
      sql: agreementSql(voids),
    },
  ]
  if (!voids.galaxies.properties) return views
  const from = quoteQualified(sample)
  return [
    ...views,
    {
      name: `${schema}.mass_function`,
      comment: 'Share of the galaxies of each environment per dex of stellar mass, bins of 0.25 dex',
      sql: `SELECT source, environment, floor(log_mass * 4) / 4 AS mass_from, floor(log_mass * 4) / 4 + 0.25 AS mass_to,
  count(*) AS galaxies, 4 * count(*) / sum(count(*)) OVER (PARTITION BY source, environment) AS value
FROM ${from} WHERE log_mass > '-Infinity' AND log_mass < 'Infinity' GROUP BY source, environment, floor(log_mass * 4)`,
    },
    relation(
      schema,
      'main_sequence',
      'Mean log SFR of star-forming galaxies (log specific SFR of -11 and more)',
      {
        value: 'log_sfr',
        where: 'log_ssfr >= -11',
      },
    ),
    relation(schema, 'quenched_fraction', 'Share of galaxies with a log specific SFR below -11', {
      value: '(log_ssfr < -11)::integer::float8',
      where: 'log_ssfr IS NOT NULL',
    }),
    relation(schema, 'dn4000', 'Mean D4000', { value: 'dn4000', where: 'dn4000 IS NOT NULL' }),
  ]
}

/** Means by environment and mass with delete-one jackknife errors over sky regions: sums less each region's own. */
function relation(
  schema: string,
  name: string,
  what: string,
  { value, where }: { value: string; where: string },
): View {
  return {
    name: `${schema}.${name}`,
    comment: `${what} by environment and stellar mass, bins of 0.25 dex; error by jackknife over sky regions; not matched in redshift`,
    sql: `SELECT source, environment, mass_from, mass_from + 0.25 AS mass_to, sum(n)::bigint AS galaxies, sum(s) / sum(n) AS value,
  sqrt((count(*) - 1) * var_pop(without)) AS error
FROM (SELECT *, (sum(s) OVER bin - s) / nullif(sum(n) OVER bin - n, 0) AS without
      FROM (SELECT source, environment, floor(log_mass * 4) / 4 AS mass_from, region, count(*) AS n, sum(${value}) AS s
            FROM ${quoteQualified(`${schema}.environment_sample`)} WHERE ${where} AND log_mass > '-Infinity' AND log_mass < 'Infinity'
            GROUP BY source, environment, floor(log_mass * 4), region) cells
      WINDOW bin AS (PARTITION BY source, environment, mass_from)) regions
GROUP BY source, environment, mass_from`,
  }
}

const agreementComment =
  "Galaxies by what two finders say of them, and Cohen's kappa; galaxies at the edge of the survey or outside are left out"

function agreementSql({ environments, sources }: VoidDeclaration): string {
  const words = sources.map(
    (source) => `(${quoteLiteral(source)}, e.${quoteIdentifier(environmentColumn(source))})`,
  )
  const values = `(VALUES ${words.join(', ')})`
  const known = "('void_interior', 'void_shell', 'surface', 'wall')"
  return `SELECT *, both_in::float8 / nullif(both_in + only_a + only_b, 0) AS jaccard,
  (n * (both_in + neither) - chance) / nullif(n * n - chance, 0) AS kappa
FROM (SELECT *, (both_in + only_a + only_b + neither)::float8 AS n,
        (both_in + only_a)::float8 * (both_in + only_b) + (neither + only_a)::float8 * (neither + only_b) AS chance
      FROM (SELECT a.source AS a, b.source AS b,
              count(*) FILTER (WHERE a.word = 'void_interior' AND b.word = 'void_interior') AS both_in,
              count(*) FILTER (WHERE a.word = 'void_interior' AND b.word <> 'void_interior') AS only_a,
              count(*) FILTER (WHERE a.word <> 'void_interior' AND b.word = 'void_interior') AS only_b,
              count(*) FILTER (WHERE a.word <> 'void_interior' AND b.word <> 'void_interior') AS neither
            FROM ${quoteQualified(environments.name)} e CROSS JOIN LATERAL ${values} AS a (source, word)
              CROSS JOIN LATERAL ${values} AS b (source, word)
            WHERE a.source < b.source AND a.word IN ${known} AND b.word IN ${known} GROUP BY 1, 2) c) k`
}

// Filling a new column for the rows that were there: in batches by the key, each a short transaction, resumable.
import { AlmagestError, type Survey } from '../../model/index.ts'
import type { Client, Row } from '../connection.ts'
import { quoteIdentifier } from '../identifiers.ts'
import { type Migration, stemOf } from './folder.ts'
import { type Patience, patientTransaction } from './guard.ts'
import type { Way } from './ledger.ts'

export const usualBatch = 2_000

/** Rows that were written behind a batch are found by going through again; after so many rounds somebody writes on. */
const rounds = 10

/** How far a backfill got; the row is written with each batch and goes when all is done. */
const progressDdl = `
CREATE TABLE IF NOT EXISTS almagest.backfill (
  survey text NOT NULL,
  number text NOT NULL,
  after text[] NOT NULL,
  rows bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (survey, number)
);
COMMENT ON TABLE almagest.backfill IS 'Backfills under way: the key up to which rows are filled'`

/**
 * Runs a backfill, or takes it back, from where it last stopped until no row is left that it would change.
 * @throws AlmagestError `MIGRATION_BACKFILL` when rows that are to be filled keep coming
 */
export async function runBackfill(
  client: Client,
  survey: Survey,
  migration: Migration,
  way: Way,
  patience: Patience,
): Promise<void> {
  const { table, key, batch } = migration.backfill!
  await client.query(progressDdl)
  const target = quoteIdentifier(survey.schema, table)
  const columns = key.map((each) => quoteIdentifier(each)).join(', ')
  const types = await keyTypes(client, survey.schema, table, key)
  const parameters = (first: number) =>
    `(${types.map((type, i) => `$${first + i}::text::${type}`).join(', ')})`
  const texts = key.map((each) => `${quoteIdentifier(each)}::text`).join(', ')
  // The file's UPDATE names the table without its schema.
  const update = (way === 'up' ? migration.upSql : migration.downSql)
    .replace(/^(\s*--[^\n]*\n)*/, '')
    .trim()
    .replace(/;$/, '')
  const path = `SET LOCAL search_path TO ${quoteIdentifier(survey.schema)}, pg_temp`
  for (let round = 1; round <= rounds; round++) {
    let last: string[] | undefined = (await progress(client, migration))?.after
    for (let more = true; more; ) {
      const from = last ?? []
      const after = last ? `(${columns}) > ${parameters(1)}` : 'true'
      const found = await client.query<{ key: string[] } & Row>(
        `SELECT ARRAY[${texts}] AS key FROM ${target} WHERE ${after} ORDER BY ${columns} OFFSET ${batch - 1} LIMIT 1`,
        from,
      )
      const end = found.rows[0]?.key
      const until = end ? ` AND (${columns}) <= ${parameters(from.length + 1)}` : ''
      await patientTransaction(client, patience, async () => {
        await client.query(path)
        const { rowCount } = await client.query(`${update} AND ${after}${until}`, [...from, ...(end ?? [])])
        if (end) await note(client, migration, end, rowCount)
      })
      last = end
      more = end !== undefined
    }
    await client.query('DELETE FROM almagest.backfill WHERE survey = $1 AND number = $2', [
      migration.survey,
      migration.number,
    ])
    if (!(await isLeft(client, survey.schema, update))) return
  }
  throw new AlmagestError(
    'MIGRATION_BACKFILL',
    'check',
    `${stemOf(migration)}: after ${rounds} rounds there are rows still that it would fill`,
    'Something goes on writing rows without the new column: stop it, or have it write both, then run the command again.',
  )
}

/** Whether the UPDATE would find a row. */
async function isLeft(client: Client, schema: string, update: string): Promise<boolean> {
  const [, table, condition] = /^UPDATE ("(?:[^"]|"")+") .*? WHERE (.*)$/s.exec(update)!
  const { rows } = await client.query<{ left: boolean }>(
    `SELECT EXISTS (SELECT FROM ${quoteIdentifier(schema)}.${table} WHERE ${condition}) AS left`,
  )
  return rows[0]!.left
}

async function progress(
  client: Client,
  { survey, number }: Migration,
): Promise<{ after: string[] } | undefined> {
  const { rows } = await client.query<{ after: string[] } & Row>(
    'SELECT after FROM almagest.backfill WHERE survey = $1 AND number = $2',
    [survey, number],
  )
  return rows[0]
}

async function note(
  client: Client,
  { survey, number }: Migration,
  after: string[],
  rows: number,
): Promise<void> {
  await client.query(
    `INSERT INTO almagest.backfill (survey, number, after, rows) VALUES ($1, $2, $3, $4)
     ON CONFLICT (survey, number) DO UPDATE SET after = $3, rows = backfill.rows + $4, at = clock_timestamp()`,
    [survey, number, after, rows],
  )
}

/** On the way down what was filled goes: no later way up may go on from there. */
export async function forgetProgress(client: Client, survey: string): Promise<void> {
  const there = await client.query("SELECT to_regclass('almagest.backfill') IS NOT NULL AS there")
  if (there.rows[0]?.there) await client.query('DELETE FROM almagest.backfill WHERE survey = $1', [survey])
}

async function keyTypes(
  client: Client,
  schema: string,
  table: string,
  key: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ type: string }>(
    `SELECT format_type(atttypid, atttypmod) AS type FROM unnest($3::text[]) WITH ORDINALITY k(name, i)
     JOIN pg_attribute ON attname = name AND attrelid = format('%I.%I', $1::text, $2::text)::regclass ORDER BY i`,
    [schema, table, key],
  )
  return rows.map(({ type }) => type)
}

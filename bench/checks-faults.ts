// One fault among all galaxies of DESI DR1 at a time: which check names it, where it says it is, and how long that takes.
import desi, { fastspecfit } from '../catalogs/desi-dr1/index.ts'
import type { Catalog } from '../src/model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, quoteQualified } from '../src/postgres/index.ts'
import { type CheckKind, runChecks } from '../src/quality/index.ts'

const galaxies = fastspecfit as unknown as Catalog
const environments = desi.catalogs.find(({ table }) => table === 'galaxy_environments')!
const [table, environmentTable] = [galaxies, environments].map(({ name }) => quoteQualified(name))

interface LoneFault {
  readonly what: string
  /** What is checked, and the check that must fail there. */
  readonly catalog: Catalog
  readonly check: string
  /** Statements that make it; `$key` stands for the galaxy that is spoilt. */
  readonly sql: (key: string) => Promise<string> | string
}

const faults = (client: Client): readonly LoneFault[] => [
  {
    what: 'RA and Dec of one row swapped',
    catalog: galaxies,
    check: 'healpix',
    sql: (key) => `UPDATE ${table} SET ra = "dec", "dec" = ra WHERE targetid = ${key}`,
  },
  {
    what: 'one redshift of -2',
    catalog: galaxies,
    check: 'range:z',
    sql: (key) => `UPDATE ${table} SET z = -2 WHERE targetid = ${key}`,
  },
  {
    what: 'one key twice, without the constraint that excludes it',
    catalog: galaxies,
    check: 'key',
    sql: async (key) =>
      `${await withoutConstraints(client, galaxies, 'p')}; INSERT INTO ${table} SELECT * FROM ${table} WHERE targetid = ${key}`,
  },
  {
    what: 'one orphan among as many references as galaxies, without the constraint that excludes it',
    catalog: environments,
    check: 'foreign-key:targetid:fastspecfit_iron',
    sql: async (key) =>
      `${await withoutConstraints(client, environments, 'f')};
       INSERT INTO ${environmentTable} (targetid) SELECT targetid + CASE targetid WHEN ${key} THEN 1 ELSE 0 END FROM ${table}`,
  },
]

async function withoutConstraints(client: Client, { name }: Catalog, type: 'p' | 'f'): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT conname AS name FROM pg_constraint WHERE conrelid = ${quoteLiteral(name)}::regclass AND contype = '${type}'`,
  )
  return rows
    .map(
      (each) => `ALTER TABLE ${quoteQualified(name)} DROP CONSTRAINT ${quoteIdentifier(each.name)} CASCADE`,
    )
    .join('; ')
}

/**
 * Makes each fault, runs all checks of its table, and undoes it: a table in Markdown.
 * @throws Error where a fault is not found, or another row is shown for it
 */
export async function loneFaults(client: Client, kinds: ReadonlyMap<string, CheckKind>): Promise<string> {
  // A galaxy whose coordinates are on the sphere, and within the footprint, when they are swapped.
  const { rows } = await client.query<{ key: string }>(
    `SELECT targetid::text AS key FROM ${table} TABLESAMPLE SYSTEM (1) WHERE ra BETWEEN 40 AND 60 AND "dec" BETWEEN 1 AND 20 LIMIT 1`,
  )
  const key = rows[0]!.key
  const lines: string[] = []
  for (const { what, catalog, check, sql } of faults(client)) {
    await client.query('BEGIN')
    try {
      await client.query(await sql(key))
      const started = performance.now()
      const report = await runChecks(client, kinds, [{ survey: desi, catalog }])
      const seconds = (performance.now() - started) / 1000
      const found = report.results.find(({ name, state }) => name === check && state === 'fail')
      const shown = found?.rows.find(({ values }) => [key, `${BigInt(key) + 1n}`].includes(values.targetid!))
      if (!found || !shown) throw new Error(`${what}: ${JSON.stringify(report.totals)} ${found?.message}`)
      const also = report.results.filter((each) => each.state === 'fail' && each !== found)
      const names = [check, ...also.map(({ name }) => name)].map((name) => `\`${name}\``).join(', ')
      const place = `targetid ${shown.values.targetid}${shown.file ? `, ${shown.file} row ${shown.row}` : ''}`
      lines.push(`| ${what} | ${names} | ${found.message} | ${place} | ${seconds.toFixed(1)} |`)
      console.log(lines.at(-1))
    } finally {
      await client.query('ROLLBACK')
    }
  }
  return [
    '| one fault | checks that fail | message of the first | place that it shows | all checks of the table, seconds |',
    '| --- | --- | --- | --- | ---: |',
    ...lines,
  ].join('\n')
}

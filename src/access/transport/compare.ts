// How the server lets people connect, as it tells it itself, against what is declared.
import type { Client, Difference, Row } from '../../postgres/index.ts'
import type { Lab } from '../lab.ts'
import { connectionRules, type Rule, transportSettings } from './rules.ts'

/** What is declared and what the server's files and settings say; empty where they agree or nothing is declared. */
export async function transportDifferences(client: Client, lab: Lab): Promise<Difference[]> {
  if (!lab.network) return []
  const rules = connectionRules(lab, lab.network, ...(await whereAndWho(client)))
  const declared = rules.map(ruleText)
  const found = await serverRules(client, rules)
  const lines = Array.from({ length: Math.max(declared.length, found.length) }, (_, i) =>
    difference(`line ${i + 1} of pg_hba.conf`, declared[i], found[i]),
  )
  const { rows } = await client.query<{ name: string; setting: string } & Row>(
    'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
    [Object.keys(transportSettings)],
  )
  const settings = Object.entries(transportSettings).map(([name, value]) =>
    difference(`setting ${name}`, value, rows.find((row) => row.name === name)?.setting),
  )
  return [...lines, ...settings].flat()
}

/** The database and the superuser that the rules are made for. */
export async function whereAndWho(client: Client): Promise<[database: string, superuser: string]> {
  const { rows } = await client.query<{ database: string; superuser: string } & Row>(
    'SELECT current_database()::text AS database, current_user::text AS superuser',
  )
  return [rows[0]!.database, rows[0]!.superuser]
}

/** Lines of pg_hba.conf as the file stands now, addresses spelt as declared; one with an error is told as such. */
async function serverRules(client: Client, declared: readonly Rule[]): Promise<string[]> {
  const addresses = declared.flatMap(({ address }) => (address?.includes('/') ? [address] : []))
  const { rows } = await client.query<{ line: string } & Row>(
    `SELECT coalesce('error: ' || error, concat_ws(' ', type, array_to_string(database, ','), array_to_string(user_name, ','),
       coalesce((SELECT text FROM unnest($1::text[]) text WHERE host(text::inet) = address AND host(netmask(text::inet)) = rules.netmask LIMIT 1),
         nullif(concat_ws('/', address, rules.netmask), '')),
       auth_method, nullif(array_to_string(options, ' '), ''))) AS line
     FROM pg_hba_file_rules rules ORDER BY line_number`,
    [addresses],
  )
  return rows.map(({ line }) => line)
}

const ruleText = ({ type, database, user, address, method }: Rule) =>
  [type, database, user, address, method].filter(Boolean).join(' ')

function difference(object: string, desired: string | undefined, found: string | undefined): Difference[] {
  if (desired === found) return []
  return [{ object, ...(desired !== undefined && { desired }), ...(found !== undefined && { found }) }]
}

// Q3C in plain SQL: for servers without the C extension, with the same names, pixel numbers and results.
import { type Client, quoteIdentifier } from '../../../postgres/index.ts'
import {
  createExtension,
  plainSqlComment,
  type Q3cState,
  q3cIndex,
  q3cStateSql,
  schemaBesideExtension,
} from '../../q3c-calls.ts'
import type { SkyIndex, SkyIndexBackend } from '../../sky-index.ts'
import { q3cSqlScript, q3cSqlVersion } from './script.ts'

export const backend: SkyIndexBackend = {
  name: 'q3c-sql',
  preference: 2,
  async detect(client) {
    const state = (await client.query<Q3cState>(q3cStateSql)).rows[0]!
    if (state.language === 'c') return beside(client)
    const schema = state.schema ?? 'public'
    const install = howToInstall(state)
    return install
      ? q3cIndex({ name: 'q3c-sql', version: q3cSqlVersion, schema, install })
      : { refusal: 'this user may not create functions in schema public' }
  },
}

/** Beside the C extension it stands in a schema of its own. */
async function beside(client: Client): Promise<SkyIndex | { refusal: string }> {
  const schema = schemaBesideExtension
  const { rows } = await client.query<{ possible: boolean }>(
    `SELECT to_regnamespace($1) IS NOT NULL OR has_database_privilege(current_database(), 'CREATE') AS possible`,
    [schema],
  )
  if (!rows[0]?.possible)
    return { refusal: 'the C extension q3c stands in this database, and this user may not create a schema' }
  const install = [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`, q3cSqlScript(schema)]
  return q3cIndex({ name: 'q3c-sql', version: q3cSqlVersion, schema, install })
}

/** Statements to run, or undefined where this user may not. Functions outside an extension are brought up to date. */
function howToInstall(state: Q3cState): string[] | undefined {
  if (state.in_extension) return []
  const ours = state.available === plainSqlComment && state.may_create_extension && state.may_create_functions
  if (state.schema === null && ours) return [createExtension]
  return state.may_create_functions ? [q3cSqlScript(state.schema ?? 'public')] : undefined
}

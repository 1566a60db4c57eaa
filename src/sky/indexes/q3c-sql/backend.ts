// Q3C in plain SQL: for servers without the C extension, with the same names, pixel numbers and results.
import { createExtension, plainSqlComment, type Q3cState, q3cIndex, q3cStateSql } from '../../q3c-calls.ts'
import type { SkyIndexBackend } from '../../sky-index.ts'
import { q3cSqlScript, q3cSqlVersion } from './script.ts'

export const backend: SkyIndexBackend = {
  name: 'q3c-sql',
  preference: 2,
  async detect(client) {
    const state = (await client.query<Q3cState>(q3cStateSql)).rows[0]!
    if (state.language === 'c') return { refusal: 'the C extension q3c stands in this database' }
    const schema = state.schema ?? 'public'
    const install = howToInstall(state)
    return install
      ? q3cIndex({ name: 'q3c-sql', version: q3cSqlVersion, schema, install })
      : { refusal: 'this user may not create functions in schema public' }
  },
}

/** Statements to run, or undefined where this user may not. Functions outside an extension are brought up to date. */
function howToInstall(state: Q3cState): string[] | undefined {
  if (state.in_extension) return []
  const ours = state.available === plainSqlComment && state.may_create_extension && state.may_create_functions
  if (state.schema === null && ours) return [createExtension]
  return state.may_create_functions ? [q3cSqlScript(state.schema ?? 'public')] : undefined
}

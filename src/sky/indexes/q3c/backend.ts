// The Q3C extension in C: the fastest, where an administrator has installed it.
import type { Client } from '../../../postgres/index.ts'
import {
  createExtension,
  plainSqlComment,
  type Q3cState,
  q3cIndex,
  q3cStateSql,
  versionSql,
} from '../../q3c-calls.ts'
import type { SkyIndexBackend } from '../../sky-index.ts'

export const backend: SkyIndexBackend = {
  name: 'q3c',
  preference: 1,
  async detect(client) {
    const state = (await client.query<Q3cState>(q3cStateSql)).rows[0]!
    if (state.schema !== null && state.language === 'c') return await present(client, state.schema)
    const refusal = whyNot(state)
    if (refusal) return { refusal }
    const version = `${state.available_version} (C extension)`
    return q3cIndex({ name: 'q3c', version, schema: 'public', install: [createExtension] })
  },
}

async function present(client: Client, schema: string) {
  const { rows } = await client.query<{ version: string }>(versionSql(schema))
  return q3cIndex({ name: 'q3c', version: `${rows[0]!.version} (C extension)`, schema, install: [] })
}

function whyNot(state: Q3cState): string | undefined {
  if (state.schema !== null) return `its functions in plain SQL stand in schema ${state.schema}`
  if (state.available === null) return 'the extension q3c is not installed on the server'
  if (state.available === plainSqlComment) return "the server's extension q3c is the one in plain SQL"
  if (!state.may_create_extension) return 'only a superuser may run CREATE EXTENSION q3c'
  return undefined
}

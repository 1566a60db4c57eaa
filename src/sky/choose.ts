// Which sky index a server gets: the first in order of preference that it can serve, or the one asked for.
import { AlmagestError, nearest } from '../model/index.ts'
import { type Client, deployments } from '../postgres/index.ts'
import { healpixInstall } from './healpix/script.ts'
import { loadSkyIndexBackends } from './indexes/index.ts'
import { schemaBesideExtension } from './q3c-calls.ts'
import type { SkyIndex, SkyIndexBackend } from './sky-index.ts'

/**
 * Finds the sky index for a server: the Q3C extension in C where the server has it, else Q3C in plain SQL. The HEALPix
 * functions are installed beside it: coverage maps and density maps need them.
 *
 * @param name  insist on this backend, e.g. `q3c-sql`
 * @throws AlmagestError `SKY_INDEX_UNKNOWN` for a name that no folder has, `SKY_INDEX_UNAVAILABLE` when the
 *   server can serve none, with each backend's reason
 */
export async function chooseSkyIndex(
  client: Client,
  name?: string,
  backends?: readonly SkyIndexBackend[],
): Promise<SkyIndex> {
  const all = backends ?? (await loadSkyIndexBackends())
  const candidates = name === undefined ? all : all.filter((backend) => backend.name === name)
  if (candidates.length === 0) throw unknownIndex(name ?? '', all)
  const refusals: string[] = []
  for (const backend of candidates) {
    const answer = await backend.detect(client)
    if (!('refusal' in answer)) return { ...answer, install: [...answer.install, healpixInstall()] }
    refusals.push(`${backend.name}: ${answer.refusal}`)
  }
  throw new AlmagestError(
    'SKY_INDEX_UNAVAILABLE',
    'environment',
    name === undefined
      ? `the server can serve no sky index (${refusals.join('; ')})`
      : `the server can't serve the sky index ${refusals.join('; ')}`,
    name === undefined || name.startsWith('q3c')
      ? 'grant CREATE on schema public to this user, or have an administrator run CREATE EXTENSION q3c'
      : '`almagest sky list` shows the indexes that this server can serve',
  )
}

/**
 * The sky index that a database is built with: the one its surveys were moved to, else the first that the server can
 * serve. The two forms of Q3C stand for each other, unless the plain SQL was put beside the C extension on purpose.
 * @throws AlmagestError `SKY_INDEX_UNAVAILABLE`
 */
export async function deployedSkyIndex(client: Client): Promise<SkyIndex> {
  const recorded = (await deployments(client)).map(({ skyIndex }) => skyIndex)
  const { rows } = await client.query<{ beside: boolean }>(
    'SELECT to_regnamespace($1) IS NOT NULL AS beside',
    [schemaBesideExtension],
  )
  const beside = rows[0]?.beside === true
  return chooseSkyIndex(
    client,
    recorded.find((name) => (name === 'q3c-sql' ? beside : name !== 'q3c')),
  )
}

function unknownIndex(name: string, all: readonly SkyIndexBackend[]): AlmagestError {
  const names = all.map((backend) => backend.name)
  const close = nearest(name, names)
  return new AlmagestError(
    'SKY_INDEX_UNKNOWN',
    'usage',
    `there is no sky index "${name}"; there are ${names.join(', ')}`,
    close ? `did you mean "${close}"?` : 'choose one of these',
    { value: name },
  )
}

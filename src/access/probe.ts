// Logins that exist as long as a proof: each made exactly as the laboratory's own logins are.
import { randomBytes } from 'node:crypto'
import { type Client, connect, quoteIdentifier, quoteLiteral } from '../postgres/index.ts'
import type { Lab } from './lab.ts'
import { actingKinds, loginOf, type Role } from './roles.ts'
import { scramVerifier } from './scram.ts'
import { attributes, joinStatements, settingStatements } from './statements.ts'

export interface Probe {
  readonly kind: string
  readonly role: Role
  readonly client: Client
  /** Holds its password. */
  readonly url: URL
}

/**
 * Opens a session of a login of every kind, does the work, and drops the logins whatever happens.
 * @param url  of a superuser; the probes connect to the same server and database
 */
export async function withProbes<T>(
  client: Client,
  url: string,
  lab: Lab,
  work: (probes: readonly Probe[]) => Promise<T>,
): Promise<T> {
  const { rows } = await client.query<{ database: string; version: number }>(
    "SELECT current_database()::text AS database, current_setting('server_version_num')::int / 10000 AS version",
  )
  const { database, version } = rows[0]!
  const tag = randomBytes(4).toString('hex')
  const made: string[] = []
  const probes: Probe[] = []
  try {
    for (const kind of actingKinds(lab)) {
      const role = loginOf(lab, `${lab.prefix}_probe_${kind.replace(':', '_')}_${tag}`, kind)
      const password = randomBytes(24).toString('base64url')
      const name = quoteIdentifier(role.name)
      const until = new Date(Date.now() + 3_600_000).toISOString()
      // The server gets the verifier: the password itself reaches neither its log nor its statistics.
      await client.query(
        `CREATE ROLE ${name} WITH ${attributes(role)} PASSWORD ${quoteLiteral(scramVerifier(password))} VALID UNTIL ${quoteLiteral(until)}`,
      )
      made.push(role.name)
      for (const sql of [...joinStatements(role, version), ...settingStatements(role, database)])
        await client.query(sql)
      const own = new URL(url)
      own.username = role.name
      own.password = password
      probes.push({ kind, role, client: await connect(own.href), url: own })
    }
    return await work(probes)
  } finally {
    for (const probe of probes) await probe.client.end().catch(() => {})
    for (const name of made) {
      await client.query(`DROP OWNED BY ${quoteIdentifier(name)}`)
      await client.query(`DROP ROLE ${quoteIdentifier(name)}`)
    }
  }
}

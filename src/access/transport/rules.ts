// Who may connect from where, and how: the lines of pg_hba.conf and the settings that go with them.
import type { Lab } from '../lab.ts'
import { actingKinds, roleName } from '../roles.ts'

/** A line of pg_hba.conf, as pg_hba_file_rules shows it. */
export interface Rule {
  readonly type: 'local' | 'host' | 'hostssl'
  readonly database: string
  /** A role, or `+ROLE` for its members. */
  readonly user: string
  /** CIDR; none on the local socket. */
  readonly address?: string
  readonly method: 'scram-sha-256' | 'peer' | 'reject'
}

const loopback = ['127.0.0.1/32', '::1/128']

/**
 * TLS and SCRAM for members of the laboratory's roles, into the one database; the superuser from the server's own
 * machine alone; nobody else. The first line that fits decides (PostgreSQL manual, 21.1).
 */
export function connectionRules(
  lab: Lab,
  network: readonly string[],
  database: string,
  superuser: string,
): Rule[] {
  const method = 'scram-sha-256'
  const users = actingKinds(lab).map((kind) => `+${roleName(lab, kind)}`)
  return [
    { type: 'local', database: 'all', user: superuser, method: 'peer' },
    ...loopback.map(
      (address): Rule => ({ type: 'hostssl', database: 'all', user: superuser, address, method }),
    ),
    ...users.flatMap((user) =>
      network.map((address): Rule => ({ type: 'hostssl', database, user, address, method })),
    ),
    { type: 'local', database: 'all', user: 'all', method: 'reject' },
    { type: 'host', database: 'all', user: 'all', address: 'all', method: 'reject' },
  ]
}

/** The file's text. A name in quotes loses the special meaning that `all` and `+` have, so only odd names get them. */
export function rulesFile(rules: readonly Rule[]): string {
  const name = (text: string) =>
    /^\+?[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`
  const lines = rules.map(({ type, database, user, address = '', method }) =>
    [type.padEnd(7), name(database), name(user), address, method].filter(Boolean).join('  '),
  )
  return `${['# Written by Almagest from the laboratory’s file: change that one, and apply it.', ...lines].join('\n')}\n`
}

/** What the server has to be set to; the certificate's files lie in its data folder. */
export const transportSettings: Readonly<Record<string, string>> = {
  ssl: 'on',
  ssl_cert_file: 'almagest-server.crt',
  ssl_key_file: 'almagest-server.key',
  // Older versions are broken, or deprecated by RFC 8996.
  ssl_min_protocol_version: 'TLSv1.2',
  password_encryption: 'scram-sha-256',
}

// The proof by attack: sessions of every role try everything; what comes of it is held against what is declared.
import type { Survey } from '../model/index.ts'
import { type Client, quoteIdentifier, quoteLiteral, type Row, sqlState } from '../postgres/index.ts'
import { atRest } from './at-rest.ts'
import { type Attempt, type Outcome, relationAttempts } from './attempts.ts'
import { auditAttempts } from './audit-attempts.ts'
import { findBeside } from './beside.ts'
import type { Cell } from './cell.ts'
import { escalationAttempts, heldRowsSql, rowSql } from './escalations.ts'
import type { Lab } from './lab.ts'
import { type Probe, withProbes } from './probe.ts'
import { surveyRights } from './rights.ts'
import { tryConnections } from './transport/attempts.ts'

export interface Proof {
  readonly cells: readonly Cell[]
  readonly attempts: number
  readonly unexpected: number
  /** What could not be tried here, and why. */
  readonly notAssessed: readonly string[]
}

/**
 * Connects as a login of every role and tries every privilege on every table and column, every embargo and every
 * known escalation. Each attempt is rolled back. A session's read-only default is off, so that a missing right is
 * what refuses, and SQLSTATE 42501 is the only refusal.
 * @param client  of a superuser
 * @param url  of the same user and database; the probes connect there
 */
export async function proveAccess(
  client: Client,
  url: string,
  lab: Lab,
  surveys: readonly Survey[],
): Promise<Proof> {
  return await withProbes(client, url, lab, async (probes) => {
    const kinds = probes.map(({ kind }) => kind)
    const { rows } = await client.query<{
      registers: string[]
      superuser: string
      audit: boolean
      pgaudit: boolean
    }>(
      `SELECT ARRAY(SELECT relname::text FROM pg_class WHERE relnamespace = to_regnamespace('almagest') AND relkind = 'r') AS registers,
         current_user::text AS superuser, to_regclass('almagest_audit.entry') IS NOT NULL AS audit,
         current_setting('pgaudit.log', true) IS NOT NULL AS pgaudit`,
    )
    const { registers, superuser, audit, pgaudit } = rows[0]!
    const beside = await findBeside(client, surveys)
    const attempts = [
      ...relationAttempts(lab, surveys, kinds, new Set(registers), audit, beside),
      ...escalationAttempts(lab, surveys, kinds, superuser),
      ...(audit ? auditAttempts(kinds, pgaudit) : []),
    ]
    const cells: Cell[] = []
    const notAssessed: string[] = []
    for (const probe of probes) {
      await probe.client.query(
        "SET default_transaction_read_only = off; SET statement_timeout = '60s'; SET lock_timeout = '10s'",
      )
      for (const attempt of attempts.filter(({ kind }) => kind === probe.kind))
        cells.push(await tryAttempt(probe, attempt))
      cells.push(...(await tryGrants(client, probe, surveys)))
    }
    for (const cell of await tryRows(client, probes, lab, surveys, notAssessed)) cells.push(cell)
    if (lab.network) cells.push(...(await tryConnections(client, probes)))
    else notAssessed.push('connections: the laboratory declares no network')
    const unseen = await atRest(client)
    if (unseen !== undefined) notAssessed.push(`encryption at rest: ${unseen}`)
    return {
      cells,
      attempts: cells.length,
      unexpected: cells.filter(({ holds }) => !holds).length,
      notAssessed,
    }
  })
}

async function tryAttempt({ client, role }: Probe, attempt: Attempt): Promise<Cell> {
  let observed: Outcome = 'allowed'
  let state: string | null = null
  if (!attempt.alone) await client.query('BEGIN')
  try {
    for (const sql of attempt.statements) await client.query(sql)
  } catch (error) {
    state = sqlState(error) ?? 'none'
    observed = state === '42501' ? 'refused' : 'failed'
  }
  if (!attempt.alone) await client.query('ROLLBACK')
  return {
    role: role.kind,
    object: attempt.object,
    action: attempt.action,
    expected: attempt.expected.join(' or '),
    observed,
    sqlState: state,
    holds: attempt.expected.includes(observed),
  }
}

/** GRANT without the option to grant passes with a warning: what counts is the table's list of rights. */
async function tryGrants(superuser: Client, probe: Probe, surveys: readonly Survey[]): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const catalog of surveys.flatMap(({ catalogs }) => catalogs)) {
    const table = quoteIdentifier(catalog.schema, catalog.table)
    const rights = `SELECT coalesce(relacl::text, '') || coalesce((SELECT string_agg(attacl::text, ',' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = pg_class.oid), '') AS rights FROM pg_class WHERE oid = ${quoteLiteral(table)}::regclass`
    const before = await superuser.query<{ rights: string } & Row>(rights)
    let state: string | null = null
    let changed = false
    await probe.client.query('BEGIN')
    try {
      await probe.client.query(`GRANT SELECT ON ${table} TO PUBLIC`)
      const after = await probe.client.query<{ rights: string } & Row>(rights)
      changed = after.rows[0]?.rights !== before.rows[0]?.rights
    } catch (error) {
      state = sqlState(error) ?? 'none'
    }
    await probe.client.query('ROLLBACK')
    const may = probe.kind === 'admin'
    const observed = changed
      ? 'allowed'
      : state === null
        ? 'no effect'
        : state === '42501'
          ? 'refused'
          : 'failed'
    cells.push({
      role: probe.kind,
      object: catalog.name,
      action: 'GRANT to PUBLIC',
      expected: may ? 'allowed' : 'refused or no effect',
      observed,
      sqlState: state,
      holds: may ? changed : observed === 'refused' || observed === 'no effect',
    })
  }
  return cells
}

async function tryRows(
  superuser: Client,
  probes: readonly Probe[],
  lab: Lab,
  surveys: readonly Survey[],
  notAssessed: string[],
): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const survey of surveys) {
    const { embargoes = [] } = survey
    const rights = surveyRights(lab, survey)
    for (const embargo of embargoes) {
      const { catalog } = embargo
      const { rows } = await superuser.query<{ key: string; held: string[] } & Row>(
        heldRowsSql(embargo, embargoes),
      )
      if (rows.length === 0)
        notAssessed.push(`embargo ${embargo.name} (until ${embargo.until}): it holds no row back now`)
      const grants = rights.find(({ schema, name }) => `${schema}.${name}` === catalog.name)?.grants ?? []
      for (const { kind, client } of probes) {
        const free = ['admin', 'backup'].includes(kind)
        const readsKey = catalog.key.every((key) =>
          grants.some(
            (grant) =>
              grant.kind === kind &&
              grant.privileges.includes('SELECT') &&
              (!grant.columns || grant.columns.includes(key)),
          ),
        )
        for (const { key, held } of rows) {
          const letIn = embargoes
            .filter(({ name }) => held.includes(name))
            .every(({ readers }) => (readers as readonly string[]).includes(kind))
          const expected =
            !free && !readsKey ? 'refused' : free || kind === 'ingest' || letIn ? 'seen' : 'hidden'
          const observed = await client
            .query<{ rows: number } & Row>(rowSql(catalog), [key])
            .then((result) => (result.rows[0]!.rows > 0 ? 'seen' : 'hidden'))
            .catch((error) => (sqlState(error) === '42501' ? 'refused' : `failed: ${sqlState(error)}`))
          cells.push({
            role: kind,
            object: catalog.name,
            action: `embargoed row ${key.replaceAll(String.fromCharCode(31), ', ')} (${embargo.name})`,
            expected,
            observed,
            sqlState: null,
            holds: observed === expected,
          })
        }
      }
    }
  }
  return cells
}

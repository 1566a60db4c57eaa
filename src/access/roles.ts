// The roles of a laboratory as data: attributes, memberships, settings.
import type { Lab, RoleKind } from './lab.ts'
import { roleKinds, silentKinds } from './lab.ts'

export interface Role {
  readonly name: string
  /** Its kind, `project:NAME`, or for a login the role that it acts in. */
  readonly kind: string
  readonly login: boolean
  readonly inherit: boolean
  readonly bypassRls: boolean
  /** -1: no limit of its own. */
  readonly connections: number
  readonly memberOf: readonly string[]
  /** In this database. */
  readonly settings: Readonly<Record<string, string>>
}

/** What a kind is a member of: roles of ours by kind, PostgreSQL's own by name. */
const memberships: Partial<Record<RoleKind, readonly string[]>> = {
  admin: ['owner'],
  migrator: ['owner'],
  monitor: ['pg_read_all_settings', 'pg_read_all_stats'],
  backup: ['pg_read_all_data'],
}

/** For people who read: a limit that they may raise for one statement, and no idle transactions. */
const reading = {
  default_transaction_read_only: 'on',
  statement_timeout: '30min',
  idle_in_transaction_session_timeout: '1h',
}

export function roleName(lab: Lab, kind: string): string {
  return `${lab.prefix}_${kind.replace(':', '_')}`
}

export function projectSchema(project: string): string {
  return `project_${project}`
}

/** Every kind of the laboratory, projects included. */
export function kindsOf(lab: Lab): string[] {
  return [...roleKinds, ...Object.keys(lab.projects).map((name) => `project:${name}`)]
}

/** Kinds that somebody can act in. */
export function actingKinds(lab: Lab): string[] {
  return kindsOf(lab).filter((kind) => !silentKinds.includes(kind))
}

/** All roles in the order in which they can be made: groups, then logins. */
export function rolesOf(lab: Lab): Role[] {
  const groups = kindsOf(lab).map(
    (kind): Role => ({
      name: roleName(lab, kind),
      kind,
      login: false,
      // The migrator has the owner's rights only after SET ROLE.
      inherit: kind !== 'migrator',
      bypassRls: false,
      connections: -1,
      memberOf: (memberships[kind as RoleKind] ?? []).map((each) =>
        each.startsWith('pg_') ? each : roleName(lab, each),
      ),
      settings: {},
    }),
  )
  return [...groups, ...Object.entries(lab.logins).map(([name, kind]) => loginOf(lab, name, kind))]
}

/** A login that acts in a role. Attributes and limits are not inherited, so each login has them itself. */
export function loginOf(lab: Lab, name: string, kind: string): Role {
  const project = kind.startsWith('project:') ? lab.projects[kind.slice('project:'.length)] : undefined
  return {
    name,
    kind,
    login: true,
    inherit: true,
    // pg_dump refuses tables whose rows a policy filters, and COPY FROM any table with policies.
    bypassRls: kind === 'backup' || kind === 'ingest',
    connections: project?.connections ?? -1,
    memberOf: [roleName(lab, kind)],
    settings: {
      search_path: project ? `${projectSchema(kind.slice('project:'.length))}, public` : 'public',
      ...(['analyst', 'collaborator', 'auditor'].includes(kind) ? reading : {}),
      // What a project's people make is the project's, whoever made it.
      ...(project && {
        role: roleName(lab, kind),
        statement_timeout: project.statementTimeout,
        work_mem: project.workMem,
        temp_file_limit: project.tempFileLimit,
        idle_in_transaction_session_timeout: '1h',
      }),
    },
  }
}

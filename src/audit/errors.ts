// What the audit refuses, each with what to do about it.
import { AlmagestError } from '../model/index.ts'

export function notApplied(): AlmagestError {
  return new AlmagestError(
    'AUDIT_NOT_APPLIED',
    'usage',
    'this database has no audit ledger',
    'Make it with `almagest audit apply`.',
  )
}

export function needsSuperuser(): AlmagestError {
  return new AlmagestError(
    'AUDIT_NEEDS_SUPERUSER',
    'server',
    'event triggers, the settings of pgAudit, and the log and the roles of the server are for superusers alone',
    'Connect as a superuser for `almagest audit apply` and `ingest`; `verify`, `head` and `show` need the auditor only.',
  )
}

export function rolesMissing(missing: readonly string[]): AlmagestError {
  return new AlmagestError(
    'AUDIT_ROLES_MISSING',
    'usage',
    `the server has no ${missing.length === 1 ? 'role' : 'roles'} ${missing.join(', ')}`,
    'Make the roles with `almagest access apply` first, with the same file for --lab.',
    { value: missing[0]! },
  )
}

export function notLoaded(available: boolean): AlmagestError {
  return new AlmagestError(
    'AUDIT_NOT_LOADED',
    'server',
    available
      ? 'the server has pgAudit, but has not loaded it, so that reads of restricted columns would go unseen'
      : 'the server does not have pgAudit, so that reads of restricted columns would go unseen',
    `${available ? '' : 'Install it (Debian: postgresql-VERSION-pgaudit). '}Write shared_preload_libraries = 'pgaudit' into postgresql.conf, keeping what stands there, and restart the server; or audit definitions, roles and settings alone with --without-reads.`,
  )
}

export function noLog(found: string): AlmagestError {
  return new AlmagestError(
    'AUDIT_NO_LOG',
    'server',
    `pgAudit writes to the server's log, and that is not kept as JSON: ${found}`,
    "Write logging_collector = on and log_destination = 'jsonlog' into postgresql.conf (PostgreSQL 15 or later) and restart the server.",
  )
}

export function keyUnusable(file: string, why: string): AlmagestError {
  return new AlmagestError(
    'AUDIT_KEY_UNUSABLE',
    'usage',
    `the key in ${file} cannot be used: ${why}`,
    'Make one with `openssl genpkey -algorithm ed25519 -out KEY` and its public half with `openssl pkey -in KEY -pubout`; keep the private half readable by you alone.',
    { file },
  )
}

export function headsFaulty(file: string, row: number, why: string): AlmagestError {
  return new AlmagestError(
    'AUDIT_HEADS_FAULTY',
    'usage',
    `line ${row} of ${file} is no signed head: ${why}`,
    'Give the file that `almagest audit head --heads` wrote, unchanged.',
    { file, row },
  )
}

export function brokenLedger(first: string): AlmagestError {
  return new AlmagestError(
    'AUDIT_BROKEN',
    'check',
    `the ledger is broken and is not signed: ${first}`,
    'See all that is wrong with `almagest audit verify`.',
  )
}

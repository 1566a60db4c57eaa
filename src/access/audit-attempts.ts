// What the proof tries against the audit itself: to write in its ledger, to take it apart, to switch it off.
import type { Attempt } from './attempts.ts'
import { auditSchema } from './rights.ts'

const ledger = `${auditSchema}.entry`

/** @param pgaudit  whether the server has pgAudit's settings */
export function auditAttempts(kinds: readonly string[], pgaudit: boolean): Attempt[] {
  const list: [string, string][] = [
    ['entry appended', `SELECT ${auditSchema}.append(ARRAY['ddl'], ARRAY['{}'])`],
    ['entry noted', `SELECT ${auditSchema}.note('ddl', 'x', 'x', 'x')`],
    ['entry altered', `UPDATE ${ledger} SET content = '{}' WHERE false`],
    ['ledger dropped', `DROP TABLE ${ledger} CASCADE`],
    ['ledger’s schema dropped', `DROP SCHEMA ${auditSchema} CASCADE`],
    ['ledger’s owner changed', `ALTER TABLE ${ledger} OWNER TO CURRENT_USER`],
    ['ledger’s triggers disabled', `ALTER TABLE ${ledger} DISABLE TRIGGER USER`],
    ['waiting entries withheld', `ALTER TABLE ${auditSchema}.inbox DISABLE TRIGGER USER`],
    ['rule on the ledger', `CREATE RULE almagest_probe AS ON INSERT TO ${ledger} DO INSTEAD NOTHING`],
    ['policy on the ledger', `CREATE POLICY almagest_probe ON ${ledger} USING (false)`],
    ['ledger locked', `LOCK TABLE ${ledger} IN SHARE ROW EXCLUSIVE MODE`],
    ['object in the ledger’s schema', `CREATE TABLE ${auditSchema}.almagest_probe (x int)`],
    [
      'ledger’s function replaced',
      `CREATE OR REPLACE FUNCTION ${auditSchema}.append(kinds text[], contents text[]) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'`,
    ],
    ['event trigger disabled', 'ALTER EVENT TRIGGER almagest_audit_ddl DISABLE'],
    ['event trigger dropped', 'DROP EVENT TRIGGER almagest_audit_drop'],
  ]
  if (pgaudit)
    list.push(
      ['pgAudit switched off', "SET pgaudit.log = 'none'"],
      ['pgAudit’s role', "SET pgaudit.role = ''"],
    )
  return kinds.flatMap((kind) =>
    list.map(
      ([action, sql]): Attempt => ({
        kind,
        object: 'audit',
        action,
        statements: [sql],
        expected: ['refused'],
      }),
    ),
  )
}

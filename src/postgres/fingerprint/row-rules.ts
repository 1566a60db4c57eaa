// Facts about what runs or filters on rows: triggers, rules, row policies, publications, event triggers.
import { ofExtension } from './scope.ts'

const firing = (state: string) =>
  `CASE ${state} WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'enabled on replicas' ELSE 'always enabled' END`

/** Triggers of the audit are watched by the audit itself, and no part of a schema. */
const notOfAudit = (name: string) => `AND NOT starts_with(${name}, 'almagest_audit_')`

/** A foreign key's own triggers are a fact only when somebody switched them off. */
export const rowRules = `
SELECT 'trigger', relname::text, tgname::text, pg_get_triggerdef(t.oid), 0
FROM relation JOIN pg_trigger t ON tgrelid = relation.oid WHERE NOT tgisinternal ${notOfAudit('tgname')}
UNION ALL
SELECT 'state of trigger', relname, tgname, ${firing('tgenabled')}, 0
FROM relation JOIN pg_trigger t ON tgrelid = relation.oid WHERE NOT tgisinternal ${notOfAudit('tgname')}
UNION ALL
SELECT DISTINCT 'state of triggers of constraint', relname, conname, ${firing('tgenabled')}, 0
FROM relation JOIN pg_trigger t ON tgrelid = relation.oid JOIN pg_constraint c ON c.oid = tgconstraint
WHERE tgisinternal AND tgenabled <> 'O'
UNION ALL
SELECT 'rule', relname, rulename, pg_get_ruledef(r.oid) || ' (' || ${firing('ev_enabled')} || ')', 0
FROM relation JOIN pg_rewrite r ON ev_class = relation.oid WHERE rulename <> '_RETURN'
UNION ALL
SELECT 'policy', relname, polname, concat_ws(' ', CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
  'FOR ' || CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
  'TO ' || (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY role)
    FROM unnest(polroles) role),
  'USING (' || pg_get_expr(polqual, polrelid) || ')', 'WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')'), 0
FROM relation JOIN pg_policy ON polrelid = relation.oid
UNION ALL
SELECT 'publication of table', relname, pubname, concat_ws(' ', pg_get_expr(prqual, prrelid), prattrs::text), 0
FROM relation JOIN pg_publication_rel ON prrelid = relation.oid JOIN pg_publication p ON p.oid = prpubid
UNION ALL
SELECT 'event trigger', evtname, NULL, format('ON %s %s EXECUTE %s (%s)', evtevent,
  array_to_string(evttags, ', '), evtfoid::regprocedure, ${firing('evtenabled')}), 0
FROM pg_event_trigger e WHERE NOT ${ofExtension('pg_event_trigger', 'e.oid')} ${notOfAudit('evtname')}`

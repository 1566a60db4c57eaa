// Facts about comments on every kind of object that can carry one.

const described = (catalog: string, oid: string, sub = '0') =>
  `JOIN pg_description ON classoid = '${catalog}'::regclass AND objoid = ${oid} AND objsubid = ${sub}`

export const comments = `
SELECT 'comment on schema', '', NULL, description, 0 FROM space ${described('pg_namespace', 'space.oid')}
UNION ALL
SELECT 'comment on ' || CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
  WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'c' THEN 'type' ELSE 'table' END, relname::text, NULL, description, 0
FROM relation ${described('pg_class', 'relation.oid')}
UNION ALL
SELECT 'comment on column', relname, attname, description, attnum FROM relation
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 ${described('pg_class', 'relation.oid', 'attnum')}
UNION ALL
SELECT 'comment on constraint', relname, conname, description, 0
FROM relation JOIN pg_constraint c ON conrelid = relation.oid ${described('pg_constraint', 'c.oid')}
UNION ALL
SELECT 'comment on trigger', relname, tgname, description, 0
FROM relation JOIN pg_trigger t ON tgrelid = relation.oid ${described('pg_trigger', 't.oid')}
UNION ALL
SELECT 'comment on policy', relname, polname, description, 0
FROM relation JOIN pg_policy p ON polrelid = relation.oid ${described('pg_policy', 'p.oid')}
UNION ALL
SELECT 'comment on rule', relname, rulename, description, 0
FROM relation JOIN pg_rewrite r ON ev_class = relation.oid ${described('pg_rewrite', 'r.oid')}
UNION ALL
SELECT 'comment on function', signature, NULL, description, 0 FROM routine ${described('pg_proc', 'routine.oid')}
UNION ALL
SELECT 'comment on type', typname, NULL, description, 0 FROM type ${described('pg_type', 'type.oid')}
UNION ALL
SELECT 'comment on constraint of domain', typname, conname, description, 0
FROM type JOIN pg_constraint c ON contypid = type.oid ${described('pg_constraint', 'c.oid')}
UNION ALL
SELECT 'comment on statistics', stxname, NULL, description, 0 FROM statistics ${described('pg_statistic_ext', 'statistics.oid')}`

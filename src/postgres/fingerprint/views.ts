// Facts about views and materialised views.

export const views = `
SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, relname::text, NULL,
  pg_get_viewdef(oid) || CASE WHEN relispopulated THEN '' ELSE ' (not populated)' END, 0
FROM relation WHERE relkind IN ('v', 'm')`

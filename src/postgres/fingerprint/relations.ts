// Facts about tables: persistence, partitioning, inheritance, storage parameters, row security, replica identity.

export const relations = `
SELECT 'table' AS kind, relname::text AS "of", NULL::text AS name, concat_ws(' ',
  CASE relpersistence WHEN 'u' THEN 'UNLOGGED' END,
  (SELECT (CASE WHEN relispartition THEN 'PARTITION OF ' ELSE 'INHERITS ' END)
     || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
   FROM pg_inherits WHERE inhrelid = relation.oid),
  pg_get_expr(relpartbound, oid),
  CASE relkind WHEN 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(oid) END,
  'USING ' || (SELECT nullif(amname, 'heap') FROM pg_am WHERE pg_am.oid = relam),
  'TABLESPACE ' || (SELECT quote_ident(spcname) FROM pg_tablespace WHERE pg_tablespace.oid = reltablespace),
  'OF ' || CASE WHEN reloftype <> 0 THEN reloftype::regtype END) AS definition, 0 AS position
FROM relation WHERE relkind IN ('r', 'p')
UNION ALL
SELECT 'storage parameters of ' || CASE WHEN relkind IN ('i', 'I') THEN 'index' WHEN relkind = 'v' THEN 'view' ELSE 'table' END,
  relname, NULL, array_to_string(ARRAY(SELECT unnest(reloptions) ORDER BY 1), ', '), 0
FROM relation WHERE reloptions IS NOT NULL
UNION ALL
SELECT 'storage parameters of TOAST of table', relation.relname, NULL, array_to_string(ARRAY(SELECT unnest(toast.reloptions) ORDER BY 1), ', '), 0
FROM relation JOIN pg_class toast ON toast.oid = relation.reltoastrelid WHERE toast.reloptions IS NOT NULL
UNION ALL
SELECT 'row security of table', relname, NULL,
  concat_ws(', ', CASE WHEN relrowsecurity THEN 'enabled' END, CASE WHEN relforcerowsecurity THEN 'forced' END), 0
FROM relation WHERE relrowsecurity OR relforcerowsecurity
UNION ALL
SELECT 'replica identity of table', relname, NULL, CASE relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' ELSE 'INDEX ' ||
  (SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = relation.oid AND indisreplident) END, 0
FROM relation WHERE relkind IN ('r', 'p', 'm') AND relreplident <> 'd'`

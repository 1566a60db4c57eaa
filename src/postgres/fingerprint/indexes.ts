// Facts about indexes that are not a constraint's own: definition, validity, clustering, partition.

export const indexes = `
SELECT 'index', relname::text, NULL, pg_get_indexdef(indexrelid)
  || CASE WHEN indisvalid THEN '' ELSE ' (invalid)' END || CASE WHEN indisclustered THEN ' (clustered)' ELSE '' END
  || coalesce((SELECT format(' (part of %s)', inhparent::regclass) FROM pg_inherits WHERE inhrelid = indexrelid), ''), 0
FROM relation JOIN pg_index ON indexrelid = relation.oid
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'clustering of index', relname, NULL, '', 0
FROM relation JOIN pg_index ON indexrelid = relation.oid
WHERE indisclustered AND EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'statistics', stxname::text, NULL, pg_get_statisticsobjdef(oid), 0 FROM statistics
UNION ALL
SELECT 'statistics target of statistics', stxname::text, NULL, stxstattarget::text, 0 FROM statistics WHERE stxstattarget >= 0`

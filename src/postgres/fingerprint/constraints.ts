// Facts about constraints of tables; NOT VALID is part of the server's text.

/**
 * What a partition has of its table's is called as that is: the server gives it a name of its own choice.
 * A foreign key to a partitioned table has a copy for each partition, which is no fact of its own.
 * Kind n of PostgreSQL 18 is stated with the column, kind t with the trigger.
 */
export const constraints = `
SELECT 'constraint', relname::text, coalesce(whole.conname, c.conname)::text, pg_get_constraintdef(c.oid)
  || CASE WHEN c.convalidated OR pg_get_constraintdef(c.oid) LIKE '% NOT VALID' THEN '' ELSE ' NOT VALID' END
  || CASE WHEN c.contype IN ('p', 'u', 'x') AND NOT indisvalid THEN ' (its index is invalid)' ELSE '' END, 0
FROM relation JOIN pg_constraint c ON c.conrelid = relation.oid LEFT JOIN pg_index ON indexrelid = c.conindid
LEFT JOIN pg_constraint whole ON whole.oid = c.conparentid
WHERE c.contype IN ('p', 'u', 'c', 'f', 'x')
  AND whole.conrelid IS DISTINCT FROM c.conrelid`

// Facts about constraints of tables; NOT VALID is part of the server's text.

/** Kind n of PostgreSQL 18 is stated with the column, kind t with the trigger. */
export const constraints = `
SELECT 'constraint', relname::text, conname::text, pg_get_constraintdef(c.oid)
  || CASE WHEN convalidated OR pg_get_constraintdef(c.oid) LIKE '% NOT VALID' THEN '' ELSE ' NOT VALID' END
  || CASE WHEN contype IN ('p', 'u', 'x') AND NOT indisvalid THEN ' (its index is invalid)' ELSE '' END, 0
FROM relation JOIN pg_constraint c ON conrelid = relation.oid LEFT JOIN pg_index ON indexrelid = conindid
WHERE contype IN ('p', 'u', 'c', 'f', 'x')`

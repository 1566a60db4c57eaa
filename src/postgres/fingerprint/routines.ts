// Facts about functions and procedures: the whole definition, body included.

export const routines = `
SELECT CASE prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, signature, NULL, pg_get_functiondef(oid), 0
FROM routine WHERE prokind IN ('f', 'p', 'w')`

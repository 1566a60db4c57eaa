// Which objects are looked at: those of one schema that no extension brought along.

/** True in SQL for an object that belongs to an extension. */
export function ofExtension(catalog: string, oid: string): string {
  return `EXISTS (SELECT FROM pg_depend WHERE classid = '${catalog}'::regclass AND objid = ${oid} AND deptype = 'e')`
}

/** Common table expressions of every inspection; $1 is the schema's name. */
export const scope = `
WITH space AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = $1),
relation AS (
  SELECT c.* FROM pg_class c JOIN space ON c.relnamespace = space.oid WHERE NOT ${ofExtension('pg_class', 'c.oid')}
),
routine AS (
  SELECT p.*, format('%s(%s)', quote_ident(proname), pg_get_function_identity_arguments(p.oid)) AS signature
  FROM pg_proc p JOIN space ON p.pronamespace = space.oid WHERE NOT ${ofExtension('pg_proc', 'p.oid')}
),
type AS (
  SELECT t.* FROM pg_type t JOIN space ON t.typnamespace = space.oid
  WHERE NOT ${ofExtension('pg_type', 't.oid')}
    AND NOT EXISTS (SELECT FROM pg_type element WHERE element.typarray = t.oid)
    AND (t.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = t.typrelid) = 'c')
),
statistics AS (
  SELECT s.* FROM pg_statistic_ext s JOIN space ON s.stxnamespace = space.oid
  WHERE NOT ${ofExtension('pg_statistic_ext', 's.oid')}
)`

// Facts about who may do what: owners, grants on every kind of object, default privileges.

/** Rights of each role on objects; the owner's own are left out while they are PostgreSQL's defaults. */
function grants(
  kind: string,
  of: string,
  name: string,
  from: string,
  acl: string,
  owner: string,
  type: string,
): string {
  return `
SELECT ${kind}, ${of}, ${name} || CASE WHEN grantee = 0 THEN 'PUBLIC' WHEN grantee = holder THEN 'the owner' ELSE grantee::regrole::text END,
  rights, 0
FROM (SELECT *, ${owner} AS holder, ${acl} AS rights_held, acldefault(${type}, ${owner}) AS usual FROM ${from}) object
CROSS JOIN LATERAL (
  SELECT grantee, string_agg(privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY privilege_type) AS rights
  FROM aclexplode(coalesce(rights_held, usual)) GROUP BY grantee
) held
WHERE grantee <> holder OR rights IS DISTINCT FROM (
  SELECT string_agg(privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY privilege_type)
  FROM aclexplode(usual) WHERE aclexplode.grantee = holder)
UNION ALL
SELECT ${kind}, ${of}, ${name} || 'the owner', 'none', 0
FROM (SELECT *, ${owner} AS holder, ${acl} AS rights_held, acldefault(${type}, ${owner}) AS usual FROM ${from}) object
WHERE rights_held IS NOT NULL AND NOT EXISTS (SELECT FROM aclexplode(rights_held) WHERE grantee = holder)
  AND EXISTS (SELECT FROM aclexplode(usual) WHERE grantee = holder)`
}

const relationKind = `CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END`
const relationsWithRights = `relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S')`

/** An owner is a fact only where it is not the schema's owner. */
function owners(kind: string, of: string, owner: string, from: string): string {
  return `SELECT 'owner of ' || ${kind}, ${of}, NULL, ${owner}::regrole::text, 0 FROM ${from} AND ${owner} <> (SELECT nspowner FROM space)`
}

const typeKind = `CASE typtype WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' ELSE 'type' END`

export const privileges = [
  `SELECT 'owner of schema', '', NULL, nspowner::regrole::text, 0 FROM space`,
  owners(relationKind, 'relname::text', 'relowner', relationsWithRights),
  owners(`'function'`, 'signature', 'proowner', 'routine WHERE true'),
  owners(typeKind, 'typname::text', 'typowner', 'type WHERE true'),
  owners(`'statistics'`, 'stxname::text', 'stxowner', 'statistics WHERE true'),
  grants(`'grant on schema'`, `''`, `''`, 'space', 'nspacl', 'nspowner', `'n'`),
  grants(
    `'grant on ' || ${relationKind}`,
    'relname::text',
    `''`,
    relationsWithRights,
    'relacl',
    'relowner',
    `CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char"`,
  ),
  grants(
    `'grant on column'`,
    `format('%s.%s', relname, attname)`,
    `''`,
    `relation JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped AND attacl IS NOT NULL`,
    'attacl',
    'relowner',
    `'c'`,
  ),
  grants(`'grant on function'`, 'signature', `''`, 'routine', 'proacl', 'proowner', `'f'`),
  grants(`'grant on ' || ${typeKind}`, 'typname::text', `''`, 'type', 'typacl', 'typowner', `'T'`),
  `SELECT CASE WHEN defaclnamespace = 0 THEN 'database-wide default privileges' ELSE 'default privileges' END
  || format(' of %s on %s', defaclrole::regrole, CASE defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
    WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' ELSE 'schemas' END), '',
  CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
  string_agg(privilege_type || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY privilege_type), 0
FROM pg_default_acl, aclexplode(defaclacl)
WHERE defaclnamespace = 0 OR defaclnamespace = (SELECT oid FROM space)
GROUP BY defaclnamespace, defaclrole, defaclobjtype, grantee`,
].join('\nUNION ALL\n')

// Objects of a schema that no fact describes: to be named as an error, never passed over.
import { ofExtension, scope } from './scope.ts'

/** The catalogues whose objects the facts cover, or that belong to an object of one of them. */
const covered = ['pg_class', 'pg_proc', 'pg_type', 'pg_statistic_ext', 'pg_constraint', 'pg_default_acl']

/** Every object that depends on the schema and is of no known kind, as the server describes it. */
export const unknownObjects = `${scope}
SELECT pg_describe_object(classid, objid, 0) AS object
FROM pg_depend d JOIN space ON refclassid = 'pg_namespace'::regclass AND refobjid = space.oid
WHERE d.deptype = 'n' AND classid NOT IN (${covered.map((each) => `'${each}'::regclass`).join(', ')})
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype IN ('e', 'i'))
  AND d.classid <> 'pg_extension'::regclass
UNION ALL
SELECT pg_describe_object('pg_class'::regclass, oid, 0) FROM relation WHERE relkind NOT IN ('r', 'p', 'v', 'm', 'i', 'I', 'S', 'c', 't')
UNION ALL
SELECT pg_describe_object('pg_proc'::regclass, oid, 0) FROM routine WHERE prokind NOT IN ('f', 'p', 'w')
  AND NOT ${ofExtension('pg_proc', 'routine.oid')}
UNION ALL
SELECT pg_describe_object('pg_type'::regclass, oid, 0) FROM type WHERE typtype NOT IN ('e', 'd', 'c', 'r', 'm')
ORDER BY 1`

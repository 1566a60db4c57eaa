// Facts about domains, enums, composite types, ranges and sequences.

export const types = `
SELECT 'enum', typname::text, NULL, (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder)
  FROM pg_enum WHERE enumtypid = type.oid), 0 FROM type WHERE typtype = 'e'
UNION ALL
SELECT 'domain', typname, NULL, concat_ws(' ', format_type(typbasetype, typtypmod),
  'COLLATE ' || CASE WHEN typcollation <> (SELECT typcollation FROM pg_type WHERE oid = type.typbasetype)
    THEN typcollation::regcollation::text END,
  'DEFAULT ' || pg_get_expr(typdefaultbin, 0), CASE WHEN typnotnull THEN 'NOT NULL' END), 0
FROM type WHERE typtype = 'd'
UNION ALL
SELECT 'constraint of domain', typname, conname, pg_get_constraintdef(c.oid), 0
FROM type JOIN pg_constraint c ON contypid = type.oid WHERE contype <> 'n'
UNION ALL
SELECT 'range type', typname, NULL, format('%s, %s', rngsubtype::regtype, rngsubdiff), 0
FROM type JOIN pg_range ON rngtypid = type.oid
UNION ALL
SELECT 'composite type', typname, NULL, (SELECT string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)
  FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped), 0
FROM type WHERE typtype = 'c'
UNION ALL
SELECT 'sequence', relname, NULL, concat_ws(' ', 'AS ' || seqtypid::regtype, 'INCREMENT ' || seqincrement,
  'MINVALUE ' || seqmin, 'MAXVALUE ' || seqmax, 'START ' || seqstart, 'CACHE ' || seqcache, CASE WHEN seqcycle THEN 'CYCLE' END), 0
FROM relation JOIN pg_sequence ON seqrelid = relation.oid
UNION ALL
SELECT 'owner column of sequence', relation.relname, NULL, format('%I.%I', owner.relname, attname), 0
FROM relation JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = relation.oid
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class owner ON owner.oid = d.refobjid JOIN pg_attribute ON attrelid = owner.oid AND attnum = d.refobjsubid
WHERE relation.relkind = 'S'`

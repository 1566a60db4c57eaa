// Schemas beside a survey's own that belong to it: staged rows, the parts of releases, and the releases.
import type { Survey } from '../model/index.ts'
import type { Client, Row } from './connection.ts'
import { quoteIdentifier } from './identifiers.ts'

/** Where rows wait that are loaded and not published. */
export function stagingSchema({ schema }: Pick<Survey, 'schema'>): string {
  return `${schema}_staging`
}

/** Where the rows of releases are. */
export function partsSchema({ schema }: Pick<Survey, 'schema'>): string {
  return `${schema}_parts`
}

/** Where a release is read. */
export function releaseSchema({ schema }: Pick<Survey, 'schema'>, name: string): string {
  return `${schema}_${name}`
}

/** The comment by which a schema beside a survey's own is known to be ours. */
export const sideComments = {
  staging: ({ name }: Pick<Survey, 'name'>) => `Staging: rows of ${name} that are loaded and not published`,
  parts: ({ name }: Pick<Survey, 'name'>) => `Parts of releases: rows of ${name} that do not change`,
  release: ({ name }: Pick<Survey, 'name'>, release: string) => `Release: ${release} of ${name}`,
}

export interface SideSchema {
  readonly name: string
  readonly kind: 'staging' | 'parts' | 'release'
}

/** The schemas beside a survey's own that are there: releases first, as they read the parts. */
export async function findSideSchemas(client: Client, survey: Survey): Promise<SideSchema[]> {
  const { rows } = await client.query<SideSchema & Row>(
    `SELECT name, kind FROM (
       SELECT nspname::text AS name, CASE obj_description(oid, 'pg_namespace')
         WHEN $2 THEN 'staging' WHEN $3 THEN 'parts' WHEN $4 || substr(nspname, length($1::text) + 2) || $5 THEN 'release' END AS kind
       FROM pg_namespace WHERE starts_with(nspname, $1::text || '_')) AS beside
     WHERE kind IS NOT NULL ORDER BY kind = 'release' DESC, name`,
    [
      survey.schema,
      sideComments.staging(survey),
      sideComments.parts(survey),
      ...sideComments.release(survey, '\n').split('\n'),
    ],
  )
  return rows
}

/** A table or view in a schema beside a survey's own. */
export interface SideRelation {
  readonly schema: string
  readonly kind: SideSchema['kind']
  readonly name: string
  /** The survey's table whose rows it has; empty where that isn't known. */
  readonly table: string
  readonly columns: readonly string[]
  readonly isView: boolean
  /** Whether a view reads with the rights of whoever asks. */
  readonly asInvoker: boolean
}

/** All tables and views of these schemas; a part belongs to the table whose releases read it. */
export async function findSideRelations(
  client: Client,
  schemas: readonly SideSchema[],
): Promise<SideRelation[]> {
  const { rows } = await client.query<SideRelation & Row>(
    `WITH beside AS (SELECT n.oid, name, kind FROM unnest($1::text[], $2::text[]) AS b(name, kind) JOIN pg_namespace n ON nspname = name)
     SELECT b.name AS schema, kind, relname::text AS name, relkind IN ('v', 'm') AS "isView",
       coalesce(reloptions && '{security_invoker=true,security_invoker=on}', false) AS "asInvoker",
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) AS columns,
       CASE kind WHEN 'parts' THEN coalesce((SELECT min(v.relname) FROM pg_depend d
           JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid JOIN pg_class v ON v.oid = w.ev_class
           JOIN beside r ON r.oid = v.relnamespace AND r.kind = 'release'
           WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid), '')
         ELSE relname END::text AS "table"
     FROM beside b JOIN pg_class c ON relnamespace = b.oid AND relkind IN ('r', 'p', 'v', 'm') ORDER BY 1, 3`,
    [schemas.map(({ name }) => name), schemas.map(({ kind }) => kind)],
  )
  return rows
}

interface Relation {
  readonly schema: string
  readonly table: string
}

/**
 * Lets those read a relation who may read a table: the same roles, the same columns and, on a table, row policies. Of a
 * table with row policies, those who may read all of its columns.
 */
export async function copyReaders(client: Client, from: Relation, to: Relation): Promise<void> {
  const { rows } = await client.query<{ sql: string } & Row>(readersSql, [
    quoteIdentifier(from.schema, from.table),
    quoteIdentifier(to.schema, to.table),
  ])
  for (const { sql } of rows) await client.query(sql)
}

/** Whether row policies hold rows of a table back. */
export async function hasPolicies(client: Client, { schema, table }: Relation): Promise<boolean> {
  const { rows } = await client.query<{ policies: boolean }>(
    'SELECT relrowsecurity AS policies FROM pg_class WHERE oid = $1::regclass',
    [quoteIdentifier(schema, table)],
  )
  return rows[0]!.policies
}

/** Statements; $1 the table, $2 the relation. */
const readersSql = `
WITH original AS (SELECT * FROM pg_class WHERE oid = $1::regclass),
relation AS (SELECT *, relkind = 'v' AS is_view FROM pg_class WHERE oid = $2::regclass),
reader AS (
  SELECT NULL::name AS attname, grantee FROM original, aclexplode(relacl) WHERE privilege_type = 'SELECT' AND grantee <> relowner
  UNION
  SELECT attname, grantee FROM original JOIN pg_attribute ON attrelid = original.oid AND attnum > 0 AND NOT attisdropped, aclexplode(attacl)
  WHERE privilege_type = 'SELECT' AND grantee <> relowner AND NOT relrowsecurity
),
named AS (SELECT attname, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role FROM reader)
SELECT sql FROM (
  SELECT DISTINCT 1 AS step, format('GRANT USAGE ON SCHEMA %s TO %s', relnamespace::regnamespace, role) AS sql FROM named, relation
  UNION
  SELECT 1, format('GRANT SELECT%s ON %s TO %s', CASE WHEN attname IS NULL THEN '' ELSE format(' (%I)', attname) END,
    relation.oid::regclass, role) FROM named, relation
  UNION
  SELECT 2, format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', relation.oid::regclass,
    CASE WHEN original.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
  FROM relation, original WHERE original.relrowsecurity AND NOT is_view
  UNION
  SELECT 3, format('DROP POLICY IF EXISTS %I ON %s', polname, relation.oid::regclass)
  FROM relation, original, pg_policy WHERE polrelid = original.oid AND NOT is_view
  UNION
  SELECT 4, format('CREATE POLICY %I ON %s AS %s FOR %s TO %s USING (%s)', polname, relation.oid::regclass,
    CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, 'SELECT',
    (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ') FROM unnest(polroles) role),
    pg_get_expr(polqual, polrelid))
  FROM relation, original, pg_policy WHERE polrelid = original.oid AND polcmd IN ('r', '*') AND NOT is_view
) AS statements ORDER BY step, sql`

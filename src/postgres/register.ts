// The register of surveys that Almagest has built in a database: the proof that a schema is its own.
import type { Survey } from '../model/index.ts'
import type { Client } from './connection.ts'

/** A demonstration's schema may be dropped by the next demonstration; a working one never. */
export type Purpose = 'work' | 'demo'

export interface Deployment {
  readonly name: string
  readonly schema: string
  readonly version: string
  readonly skyIndex: string
  readonly purpose: Purpose
}

const registerDdl = `
CREATE SCHEMA IF NOT EXISTS almagest;
COMMENT ON SCHEMA almagest IS 'Almagest: what it built and loaded in this database';
CREATE TABLE IF NOT EXISTS almagest.survey (
  name text PRIMARY KEY,
  schema_name text NOT NULL UNIQUE,
  version text NOT NULL,
  sky_index text NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('work', 'demo')),
  applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE almagest.survey IS 'Surveys built in this database; only their schemas are ever touched';
CREATE TABLE IF NOT EXISTS almagest.fingerprint (
  survey text PRIMARY KEY REFERENCES almagest.survey ON DELETE CASCADE,
  facts jsonb NOT NULL,
  recorded_by text NOT NULL DEFAULT session_user,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE almagest.fingerprint IS 'What Almagest last made each schema to be: what drift is measured from'`

/** Makes the register if it isn't there. */
export async function ensureRegister(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.fingerprint') IS NOT NULL AS there",
  )
  if (rows[0]?.there) return
  await client.transaction(async () => {
    // IF NOT EXISTS alone can still collide when two processes create at once.
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended('almagest register', 0))")
    await client.query(registerDdl)
  })
}

export async function recordDeployment(
  client: Client,
  survey: Survey,
  skyIndex: string,
  purpose: Purpose,
): Promise<void> {
  await client.query(
    `INSERT INTO almagest.survey (name, schema_name, version, sky_index, purpose) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) DO UPDATE SET version = $3, sky_index = $4, applied_at = now()`,
    [survey.name, survey.schema, survey.version, skyIndex, purpose],
  )
}

/** The surveys built here; none when the register isn't there. */
export async function deployments(client: Client): Promise<Deployment[]> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('almagest.survey') IS NOT NULL AS there",
  )
  if (!rows[0]?.there) return []
  const found = await client.query<Deployment & Record<string, unknown>>(
    `SELECT name, schema_name AS schema, version, sky_index AS "skyIndex", purpose FROM almagest.survey ORDER BY name`,
  )
  return found.rows
}

/** The survey built in that schema, if Almagest made it. */
export async function findDeployment(client: Client, schema: string): Promise<Deployment | undefined> {
  return (await deployments(client)).find((each) => each.schema === schema)
}

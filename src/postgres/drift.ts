// Drift: how a schema differs from what Almagest last made of it, whoever changed it since.
import { AlmagestError, type Survey } from '../model/index.ts'
import type { Client, Row } from './connection.ts'
import type { Fact } from './fingerprint/fact.ts'
import { type Fingerprint, fingerprintOf } from './fingerprint/fingerprint.ts'
import { type Difference, differences, inspectSchema } from './inspect.ts'

export interface Drift {
  readonly survey: string
  readonly schema: string
  /** When the state was recorded from which the schema drifted. */
  readonly recordedAt: Date
  /** `desired` is as recorded, `found` as it is now. */
  readonly differences: readonly Difference[]
}

/**
 * What was changed in a survey's schema, and in the database's event triggers, behind Almagest's back.
 * @throws AlmagestError `FINGERPRINT_MISSING` when nothing is recorded about the survey
 */
export async function findDrift(client: Client, survey: Survey): Promise<Drift> {
  const recorded = await recordedFingerprint(client, survey)
  if (!recorded) {
    throw new AlmagestError(
      'FINGERPRINT_MISSING',
      'usage',
      `nothing is recorded about the survey "${survey.name}" in this database`,
      'Build it first with `almagest apply` or `almagest migrate up`.',
    )
  }
  return {
    survey: survey.name,
    schema: survey.schema,
    recordedAt: recorded.at,
    differences: differences(recorded.facts, await inspectSchema(client, survey.schema)),
  }
}

/** Takes the schema as it is now for right: drift is measured from here on. @returns what is accepted */
export async function acceptDrift(client: Client, survey: Survey): Promise<Drift> {
  return client.transaction(async () => {
    const drift = await findDrift(client, survey)
    await recordFingerprint(client, survey, await inspectSchema(client, survey.schema))
    return drift
  })
}

/** The state recorded for a survey, if any. */
export async function recordedFingerprint(
  client: Client,
  survey: Survey,
): Promise<{ facts: Fingerprint; at: Date } | undefined> {
  const { rows: there } = await client.query("SELECT to_regclass('almagest.fingerprint') AS register")
  if (there[0]?.register == null) return undefined
  const { rows } = await client.query<{ facts: Fact[]; at: Date } & Row>(
    'SELECT facts, recorded_at AS at FROM almagest.fingerprint WHERE survey = $1',
    [survey.name],
  )
  return rows[0] && { facts: fingerprintOf(rows[0].facts), at: rows[0].at }
}

/** Records what a survey's schema was made to be. */
export async function recordFingerprint(client: Client, survey: Survey, facts: Fingerprint): Promise<void> {
  await client.query(
    `INSERT INTO almagest.fingerprint (survey, facts) VALUES ($1, $2)
     ON CONFLICT (survey) DO UPDATE SET facts = $2, recorded_by = session_user, recorded_at = now()`,
    [survey.name, JSON.stringify(Object.values(facts))],
  )
}

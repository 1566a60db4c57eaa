// Versions of settings: planned, applied, measured against, and rolled back to what was before them.
import { AlmagestError } from '../../model/index.ts'
import type { Client, Row } from '../connection.ts'
import { inTurn, usualPatience } from '../migrate/guard.ts'
import { ensureRegister } from '../register.ts'
import { keyOf, listed, type Setting, type Settings } from './declared.ts'
import { awaitingRestart, canonical, foundSettings, put } from './server-settings.ts'

/** A setting that is another than it should be; null is not set. */
export interface SettingDifference {
  readonly at: string
  readonly name: string
  readonly desired: string | null
  readonly found: string | null
}

export interface SettingsApplied {
  /** Number of the version in force now; 0 before the first. */
  readonly version: number
  readonly changed: readonly SettingDifference[]
  readonly awaitingRestart: readonly string[]
}

interface Version {
  readonly version: number
  /** What it set, and what was there before it. */
  readonly settings: readonly Setting[]
  readonly before: readonly Setting[]
  readonly state: 'running' | 'done' | 'undone'
}

const versionsDdl = `
CREATE TABLE almagest.setting_version (
  version integer PRIMARY KEY,
  settings jsonb NOT NULL,
  before jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'done', 'undone')),
  applied_by text NOT NULL DEFAULT session_user,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE almagest.setting_version IS 'Versions of the settings of server, database and roles, each with what was there before it'`

/** What applying the settings would change; changes nothing. @throws AlmagestError `SETTINGS_INVALID` */
export async function planSettings(client: Client, settings: Settings): Promise<SettingDifference[]> {
  const goal = await goalOf(client, settings, inForce(await versions(client)))
  return differing(goal, await foundSettings(client, goal))
}

/**
 * Makes the settings be as declared, as a new version; what an earlier version set and this one leaves out goes back
 * to what was before. A run that was cut off is taken back first.
 * @throws AlmagestError `SETTINGS_INVALID` when the server refuses one: all are then as before
 */
export async function applySettings(client: Client, settings: Settings): Promise<SettingsApplied> {
  return inTurnWith(client, async () => {
    const stack = inForce(await versions(client))
    const goal = await goalOf(client, settings, stack)
    const before = await foundSettings(client, goal)
    const changed = differing(goal, before)
    if (changed.length === 0) return result(client, changed)
    const last = stack.at(-1)
    if (last && differing(goal, last.settings).length === 0 && goal.length === last.settings.length) {
      // The version in force, from which somebody strayed: repaired, and no version of its own.
      await move(client, last.version, goal, before, 'done')
    } else {
      const version = Math.max(0, ...(await versions(client)).map((each) => each.version)) + 1
      await client.query(
        "INSERT INTO almagest.setting_version (version, settings, before, state) VALUES ($1, $2, $3, 'running')",
        [version, JSON.stringify(goal), JSON.stringify(before)],
      )
      await move(client, version, goal, before, 'done')
    }
    return result(client, changed)
  })
}

/** Takes back the version in force. @throws AlmagestError `SETTINGS_NONE` when there is none, `DRIFT` */
export async function rollBackSettings(client: Client): Promise<SettingsApplied> {
  return inTurnWith(client, async () => {
    const last = inForce(await versions(client)).at(-1)
    if (!last)
      throw new AlmagestError(
        'SETTINGS_NONE',
        'usage',
        'no version of settings is in force in this database',
        'See `almagest settings status`.',
      )
    const now = await foundSettings(client, last.settings)
    const drift = differing(last.settings, now)
    if (drift.length > 0)
      throw new AlmagestError(
        'DRIFT',
        'check',
        `settings were changed since version ${last.version}: ${drift.map(keyOfDifference).join(', ')}`,
        'See `almagest settings status`; apply the version again, or set them back by hand.',
      )
    await move(client, last.version, last.before, now, 'undone')
    return result(client, differing(last.before, now))
  })
}

/** The version in force, and how the server differs from it. */
export async function settingsDrift(
  client: Client,
): Promise<{ version: number; differences: SettingDifference[]; awaitingRestart: string[] }> {
  const last = inForce(await versions(client)).at(-1)
  const goal = last?.settings ?? []
  return {
    version: last?.version ?? 0,
    differences: differing(goal, await foundSettings(client, goal)),
    awaitingRestart: await awaitingRestart(client),
  }
}

/** Settings of the server one by one, each taken back when a later one fails; the others in one transaction. */
async function move(
  client: Client,
  version: number,
  goal: readonly Setting[],
  before: readonly Setting[],
  state: Version['state'],
): Promise<void> {
  const changed = goal.filter((each, i) => each.value !== before[i]!.value)
  const [ofServer, others] = [
    changed.filter(({ at }) => at === 'server'),
    changed.filter(({ at }) => at !== 'server'),
  ]
  const back = new Map(before.map((each) => [keyOf(each), each]))
  const done: Setting[] = []
  try {
    for (const each of ofServer) {
      await put(client, each)
      done.push(each)
    }
    await client.transaction(async () => {
      for (const each of others) await put(client, each)
      await client.query('UPDATE almagest.setting_version SET state = $2 WHERE version = $1', [
        version,
        state,
      ])
    })
  } catch (error) {
    for (const each of done.reverse()) await put(client, back.get(keyOf(each))!)
    if (state === 'done')
      await client.query('DELETE FROM almagest.setting_version WHERE version = $1', [version])
    throw error
  }
  await client.query('SELECT pg_reload_conf()')
}

/** What was declared, and what earlier versions set and this one does not: that goes back to what was before them. */
async function goalOf(client: Client, settings: Settings, stack: readonly Version[]): Promise<Setting[]> {
  const declared = await canonical(client, listed(settings))
  const named = new Set(declared.map(keyOf))
  const former = new Map<string, Setting>()
  for (const { before } of stack)
    for (const each of before)
      if (!named.has(keyOf(each)) && !former.has(keyOf(each))) former.set(keyOf(each), each)
  return [...declared, ...former.values()]
}

function inForce(all: readonly Version[]): Version[] {
  return all.filter(({ state }) => state === 'done')
}

function differing(goal: readonly Setting[], found: readonly Setting[]): SettingDifference[] {
  const there = new Map(found.map((each) => [keyOf(each), each.value]))
  return goal.flatMap(({ at, name, value }) => {
    const other = there.get(keyOf({ at, name })) ?? null
    return value === other ? [] : [{ at, name, desired: value, found: other }]
  })
}

function keyOfDifference({ at, name }: SettingDifference): string {
  return `${name} (${at})`
}

async function versions(client: Client): Promise<Version[]> {
  const there = await client.query("SELECT to_regclass('almagest.setting_version') IS NOT NULL AS there")
  if (!there.rows[0]?.there) return []
  const { rows } = await client.query<Version & Row>(
    'SELECT version, settings, before, state FROM almagest.setting_version ORDER BY version',
  )
  return rows
}

async function inTurnWith<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await ensureRegister(client)
  return inTurn(client, 'settings of the server', usualPatience, async () => {
    const there = await client.query("SELECT to_regclass('almagest.setting_version') IS NOT NULL AS there")
    if (!there.rows[0]?.there) await client.query(versionsDdl)
    const cut = (await versions(client)).find(({ state }) => state === 'running')
    if (cut) {
      const now = await foundSettings(client, cut.before)
      await move(client, cut.version, cut.before, now, 'undone')
    }
    return work()
  })
}

async function result(client: Client, changed: readonly SettingDifference[]): Promise<SettingsApplied> {
  // The postmaster reads its files anew a moment after it was told.
  const waits = await awaitingRestart(client)
  const version = inForce(await versions(client)).at(-1)?.version ?? 0
  return { version, changed, awaitingRestart: waits }
}

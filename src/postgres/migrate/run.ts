// Going up, down or to a version: in turn, after recovery and drift check, one step after the other.
import { AlmagestError, type Survey } from '../../model/index.ts'
import type { Client } from '../connection.ts'
import { fingerprintHash } from '../fingerprint/fingerprint.ts'
import { inspectSchema } from '../inspect.ts'
import { ensureRegister, findDeployment } from '../register.ts'
import type { SkyContribution } from '../sky-contribution.ts'
import { forgetProgress } from './backfill.ts'
import { checkBackup } from './backup/check.ts'
import { lossesBetween } from './backup/lost-tables.ts'
import { type Migration, readMigrations, stemOf } from './folder.ts'
import { inTurn, type Patience, usualPatience } from './guard.ts'
import {
  ensureMigrationLedger,
  inForce,
  type LedgerEntry,
  readMigrationLedger,
  writeEntry,
} from './ledger.ts'
import { recover } from './recover.ts'
import { missingRights } from './rights.ts'
import { nothing, nowhere, recordState, refuseDrift, runStep, type Target } from './step.ts'

export interface MigrateOptions {
  readonly patience?: Partial<Patience>
  /** Folder of a backup that `takeBackup` made: needed by steps that lose data for good, and checked before the first. */
  readonly backup?: string
  /** For databases whose loss is none, such as scratch ones: what to name instead of a backup; nothing is checked. */
  readonly verifiedBackup?: string
  readonly onStep?: (line: string) => void
}

export interface Migrated {
  readonly survey: string
  /** Version before and after: the number of the last migration in force, `0000` for none. */
  readonly from: string
  readonly to: string
  /** What was done, e.g. `0002_flux up`. */
  readonly steps: readonly string[]
}

/**
 * Brings a survey's schema to a version.
 * @param version  number of a migration, `0000` for none, or `last`; a function of the version in force
 * @throws AlmagestError `DRIFT`, `MIGRATION_*` and what the server reports
 */
export async function migrateTo(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
  folder: string,
  version: string | ((current: number) => number),
  options: MigrateOptions = {},
): Promise<Migrated> {
  const migrations = readMigrations(folder)
  const patience = { ...usualPatience, ...options.patience }
  const target: Target = {
    survey,
    skyIndex: sky.name,
    patience,
    backup: options.backup ?? options.verifiedBackup ?? null,
  }
  await ensureRegister(client)
  await ensureMigrationLedger(client)
  return inTurn(client, survey.name, patience, async () => {
    const steps: string[] = []
    const done = (line: string | undefined) => {
      if (line === undefined) return
      steps.push(line)
      options.onStep?.(line)
    }
    done(await recover(client, target, migrations))
    done(await adopt(client, target, migrations))
    const current = checkedVersion(inForce(await readMigrationLedger(client, survey.name)), migrations)
    const goal = typeof version === 'function' ? version(current) : versionNumber(version, migrations)
    if (goal === current) return { survey: survey.name, from: label(current), to: label(goal), steps }
    await refuseDrift(client, survey)
    if (target.backup === null) refuseLoss(migrations, current, goal)
    if (options.backup !== undefined)
      await checkBackup(client, survey, migrations, current, goal, options.backup)
    for (const statement of sky.install) await client.query(statement)
    if (goal < current) await forgetProgress(client, survey.name)
    for (let at = current; at !== goal; ) {
      const way = at < goal ? 'up' : 'down'
      const migration = migrations[way === 'up' ? at : at - 1]!
      const from = migrations[at - 1] ?? nowhere
      at += way === 'up' ? 1 : -1
      for (const what of migration.blocks[way])
        options.onStep?.(`${stemOf(migration)} ${way} keeps others waiting: it ${what}`)
      await runStep(client, target, migration, way, from, migrations[at - 1] ?? nowhere)
      done(`${stemOf(migration)} ${way}`)
    }
    return { survey: survey.name, from: label(current), to: label(goal), steps }
  })
}

/** A schema that `almagest apply` built is taken over at the version whose fingerprint it has. */
async function adopt(
  client: Client,
  { survey, skyIndex }: Target,
  migrations: readonly Migration[],
): Promise<string | undefined> {
  if ((await readMigrationLedger(client, survey.name)).some(({ state }) => state === 'done')) return undefined
  const facts = await inspectSchema(client, survey.schema)
  const hash = fingerprintHash(facts)
  if (hash === nothing) return undefined
  const at = (await findDeployment(client, survey.schema))
    ? migrations.findLastIndex(
        ({ after, rights }) => after === hash && missingRights(rights, facts).length === 0,
      )
    : -1
  if (at < 0) {
    throw new AlmagestError(
      'MIGRATION_BASELINE',
      'check',
      `the schema "${survey.schema}" is there (${hash.slice(0, 12)}…), and no migration leads to it`,
      'Write the first migration from a definition that matches it (`almagest plan` shows no change), or use another database.',
    )
  }
  await client.transaction(async () => {
    for (const migration of migrations.slice(0, at + 1)) await writeEntry(client, migration, 'adopt', 'done')
    await recordState(client, survey, skyIndex, facts, hash)
  })
  return `found at ${stemOf(migrations[at]!)}`
}

/** The version in force; what was applied must be what the files are. */
export function checkedVersion(applied: readonly LedgerEntry[], migrations: readonly Migration[]): number {
  for (const [i, entry] of applied.entries()) {
    const migration = migrations[i]
    if (migration?.number === entry.number && migration.digest === entry.manifest) continue
    const missing = migration?.number !== entry.number
    throw new AlmagestError(
      missing ? 'MIGRATION_FILE_MISSING' : 'MIGRATION_EDITED',
      'check',
      missing
        ? `${stemOf(entry)} is applied to this database, and its files are not in the folder`
        : `${stemOf(entry)} was applied with the manifest ${entry.manifest.slice(0, 12)}…, the folder has ${migration.digest.slice(0, 12)}…`,
      'Bring its files back from version control as they were when it was applied; the database is unchanged.',
    )
  }
  return applied.length
}

/** @throws AlmagestError `MIGRATION_UNKNOWN` */
export function versionNumber(version: string, migrations: readonly Migration[]): number {
  const number = version === 'last' ? migrations.length : Number(version)
  if (Number.isInteger(number) && number >= 0 && number <= migrations.length) return number
  throw new AlmagestError(
    'MIGRATION_UNKNOWN',
    'usage',
    `there is no migration ${version}; they go from 0001 to ${label(migrations.length)}`,
    'Name the number of a migration, or 0000 for the state before the first.',
    { value: version },
  )
}

/** e.g. `0007`. */
export function label(version: number): string {
  return String(version).padStart(4, '0')
}

/** @throws AlmagestError `MIGRATION_IRREVERSIBLE` before anything is done */
function refuseLoss(migrations: readonly Migration[], from: number, to: number): void {
  const losses = lossesBetween(migrations, from, to)
  if (losses.length === 0) return
  throw new AlmagestError(
    'MIGRATION_IRREVERSIBLE',
    'usage',
    `the way from ${label(from)} to ${label(to)} loses for good: ${losses.join(', ')}`,
    `Save it with \`almagest migrate backup SURVEY FOLDER --to ${label(to)}\`, and name the folder: --verified-backup FOLDER. Nothing was migrated.`,
  )
}

export interface MigrationStatus {
  readonly survey: string
  readonly version: string
  readonly migrations: readonly {
    readonly migration: string
    readonly state: 'applied' | 'pending' | 'cut off'
    /** What its next run, up or down, would keep others waiting for. */
    readonly blocks: readonly string[]
    readonly at: Date | null
  }[]
}

/** Which migrations are in force; changes nothing. @throws AlmagestError as `migrateTo` for wrong files */
export async function migrationStatus(
  client: Client,
  survey: Survey,
  folder: string,
): Promise<MigrationStatus> {
  const migrations = readMigrations(folder)
  const entries = await readMigrationLedger(client, survey.name)
  const applied = inForce(entries)
  const version = checkedVersion(applied, migrations)
  const cut = entries.find(({ state }) => state === 'running')
  return {
    survey: survey.name,
    version: label(version),
    migrations: migrations.map((each, i) => ({
      migration: stemOf(each),
      state: cut?.number === each.number ? 'cut off' : i < version ? 'applied' : 'pending',
      blocks: each.blocks[i < version ? 'down' : 'up'],
      at: applied[i]?.startedAt ?? null,
    })),
  }
}

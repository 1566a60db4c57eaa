// A survey's migrations as files: NNNN_name.up.sql, NNNN_name.down.sql and a manifest NNNN_name.json each.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AlmagestError } from '../../model/index.ts'
import type { Rights } from './rights.ts'

export interface Backfill {
  readonly table: string
  /** Columns by whose order the rows are gone through. */
  readonly key: readonly string[]
  /** Rows of a batch: few enough that nobody waits for their locks for long. */
  readonly batch: number
}

export interface Manifest {
  readonly number: string
  readonly name: string
  readonly survey: string
  readonly schema: string
  /** False: one statement that PostgreSQL refuses inside a transaction. */
  readonly transactional: boolean
  /** SHA-256 of the exact bytes of the files, and of the manifest before this one; null for the first. */
  readonly up: string
  readonly down: string
  readonly previous: string | null
  /** Hash of the schema's fingerprint after `up`, rights apart; null until the migration is sealed. */
  readonly after: string | null
  /** Rights that must be there after `up`; a database may have others beside them. */
  readonly rights: Rights
  /** Data that going up, or down, loses for good. */
  readonly irreversible: { readonly up: readonly string[]; readonly down: readonly string[] }
  readonly hazards: readonly string[]
  /** What keeps readers or writers waiting while it works on rows, going up and going down. */
  readonly blocks: { readonly up: readonly string[]; readonly down: readonly string[] }
  /** For an UPDATE that is run in batches. */
  readonly backfill?: Backfill
}

export interface Migration extends Manifest {
  readonly upSql: string
  readonly downSql: string
  /** SHA-256 of the manifest's bytes. */
  readonly digest: string
}

const filePattern = /^(\d{4})_([a-z0-9_]+)\.(up\.sql|down\.sql|json)$/

/**
 * All migrations of a folder, in order, each with its files as they should be.
 * @throws AlmagestError `MIGRATION_NUMBER_TWICE`, `MIGRATION_FILE_MISSING`, `MIGRATION_EDITED`, `MIGRATION_CHAIN`,
 *   `MIGRATION_UNSEALED`
 */
export function readMigrations(folder: string): Migration[] {
  const migrations = readUnchecked(folder)
  for (const [i, migration] of migrations.entries()) checkOne(folder, migration, migrations[i - 1])
  return migrations
}

/** The migrations without a look at hashes: for sealing and linting. */
export function readUnchecked(folder: string): Migration[] {
  return stemsOf(folder).map((stem) => {
    const text = (suffix: string) => readFileSync(join(folder, `${stem}.${suffix}`))
    const bytes = text('json')
    const manifest = JSON.parse(bytes.toString()) as Manifest
    return {
      ...manifest,
      upSql: text('up.sql').toString(),
      downSql: text('down.sql').toString(),
      digest: sha256(bytes),
    }
  })
}

/** Writes the three files of a migration; the manifest's hashes are those of the bytes written. */
export function writeMigration(
  folder: string,
  migration: Omit<Migration, 'up' | 'down' | 'digest'>,
): Migration {
  mkdirSync(folder, { recursive: true })
  const { upSql, downSql, ...rest } = migration
  const { number, name, survey, schema, transactional, previous, after, rights } = rest
  const { irreversible, hazards, blocks, backfill } = rest
  const up = sha256(upSql)
  const down = sha256(downSql)
  const manifest: Manifest = {
    number,
    name,
    survey,
    schema,
    transactional,
    up,
    down,
    previous,
    after,
    rights,
    irreversible,
    hazards,
    blocks,
    ...(backfill ? { backfill } : {}),
  }
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  const stem = join(folder, `${number}_${name}`)
  writeFileSync(`${stem}.up.sql`, upSql)
  writeFileSync(`${stem}.down.sql`, downSql)
  writeFileSync(`${stem}.json`, text)
  return { ...manifest, upSql, downSql, digest: sha256(text) }
}

export function nextNumber(migrations: readonly { readonly number: string }[]): string {
  return String(Number(migrations.at(-1)?.number ?? '0') + 1).padStart(4, '0')
}

export function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** e.g. `0002_tauv`. */
export function stemOf({ number, name }: Pick<Migration, 'number' | 'name'>): string {
  return `${number}_${name}`
}

/** `NNNN_name` of every migration. */
function stemsOf(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => filePattern.test(name)) : []
  const stems = [...new Set(files.map((name) => name.replace(/\.(up\.sql|down\.sql|json)$/, '')))].sort()
  for (const [i, stem] of stems.entries()) {
    const other = stems[i + 1]
    if (other?.startsWith(stem.slice(0, 5))) {
      throw fault(
        'MIGRATION_NUMBER_TWICE',
        folder,
        `two migrations have the number ${stem.slice(0, 4)}: ${stem} and ${other}`,
        'Two branches each added one: rename the three files of the later to the next free number, then run `almagest migrate seal`.',
      )
    }
    for (const suffix of ['up.sql', 'down.sql', 'json']) {
      if (!files.includes(`${stem}.${suffix}`))
        throw fault(
          'MIGRATION_FILE_MISSING',
          join(folder, `${stem}.${suffix}`),
          `the migration ${stem} has no file ${stem}.${suffix}`,
          'Bring the file back from version control.',
        )
    }
    if (Number(stem.slice(0, 4)) !== i + 1)
      throw fault(
        'MIGRATION_FILE_MISSING',
        folder,
        `the migration number ${String(i + 1).padStart(4, '0')} is missing before ${stem}`,
        'Bring its files back from version control.',
      )
  }
  return stems
}

function checkOne(folder: string, migration: Migration, previous: Migration | undefined): void {
  const stem = `${migration.number}_${migration.name}`
  for (const way of ['up', 'down'] as const) {
    const found = sha256(way === 'up' ? migration.upSql : migration.downSql)
    if (found === migration[way]) continue
    const file = join(folder, `${stem}.${way}.sql`)
    throw fault(
      'MIGRATION_EDITED',
      file,
      `${stem}.${way}.sql has the SHA-256 ${found.slice(0, 12)}…, its manifest says ${migration[way].slice(0, 12)}…`,
      'Bring the file back as it was. While it is applied nowhere, `almagest migrate seal` takes the edited one.',
    )
  }
  if (migration.previous !== (previous?.digest ?? null))
    throw fault(
      'MIGRATION_CHAIN',
      join(folder, `${stem}.json`),
      `${stem} follows the manifest ${short(migration.previous)}, the one before it is ${short(previous?.digest ?? null)}`,
      'The manifest before it was changed: bring it back, or run `almagest migrate seal` while these are applied nowhere.',
    )
  if (migration.after === null)
    throw fault(
      'MIGRATION_UNSEALED',
      join(folder, `${stem}.json`),
      `${stem} was never run, so its result is not known`,
      'Run `almagest migrate seal`.',
    )
}

function short(digest: string | null): string {
  return digest === null ? 'none' : `${digest.slice(0, 12)}…`
}

function fault(code: string, file: string, message: string, hint: string): AlmagestError {
  return new AlmagestError(code, 'check', message, hint, { file })
}

// What every command shares: its common options, its output, and the archive it works on.
import type { Command } from 'commander'
import { type KeyRing, openKeys } from '../keys/index.ts'
import { type Archive, openArchive } from './archive.ts'
import { openProgress, type Progress } from './progress.ts'
import { toJson } from './report.ts'

export interface CommonOptions {
  json?: boolean
  home?: string
  instance?: string
  catalogs?: string[]
}

/** A command's result: the value that --json prints, and the text for people. */
export interface Report {
  readonly value: unknown
  readonly text: string
}

/** Adds the options that commands on a database share. */
export function databaseOptions(command: Command): Command {
  return jsonOption(command)
    .option('--home <folder>', 'folder of the embedded server (default: ALMAGEST_HOME, or one of the user)')
    .option('--instance <name>', 'which embedded server of the home', 'main')
    .option('--catalogs <folder>', 'another folder of catalogues, may be repeated', collect, [])
}

export function jsonOption(command: Command): Command {
  return command.option('--json', 'print the result as JSON')
}

/** Adds the option that says where the keys of encrypted columns are. */
export function keysOption(command: Command): Command {
  return command.option(
    '--keys <place>',
    'keys of encrypted columns: file:PATH, env:NAME or command:PROGRAM (default: what ALMAGEST_KEYS says)',
  )
}

/** The ring of keys that the option or the environment names, if any. @throws AlmagestError those of `openKeys` */
export function keysOf({ keys = process.env.ALMAGEST_KEYS }: { keys?: string }): KeyRing | undefined {
  return keys === undefined ? undefined : openKeys(keys)
}

/** For an option that may be repeated. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

/** The archive that the options name; what takes time is told as progress. */
export function openArchiveFor(options: CommonOptions, progress: Progress): Promise<Archive> {
  return openArchive({ ...options, onProgress: (line) => progress.say(line) })
}

export function progressOf({ json }: CommonOptions): Progress {
  return openProgress(json === true)
}

export function print(report: Report, { json }: CommonOptions): void {
  process.stdout.write(`${json ? toJson(report.value) : report.text}\n`)
}

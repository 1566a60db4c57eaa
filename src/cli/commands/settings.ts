// `almagest settings`: the settings of server, database and roles as a file: planned, applied, measured, taken back.
import { Command } from 'commander'
import { exitCodes } from '../../model/index.ts'
import {
  applySettings,
  planSettings,
  readSettings,
  rollBackSettings,
  type SettingDifference,
  type SettingsApplied,
  settingsDrift,
} from '../../postgres/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'

export function settingsCommand(): Command {
  const settings = new Command('settings').description(
    'the settings of server, database and roles, by version',
  )
  const add = (words: string, description: string) =>
    databaseOptions(settings.command(words)).description(description)
  add(
    'plan <file>',
    'what a file of settings would change, by the judgement of the server; changes nothing',
  ).action(plan)
  add('apply <file>', 'make the settings be as a file says, as a new version').action(apply)
  add('status', 'the version in force and what differs from it; exit code 8 when anything does').action(
    status,
  )
  add('rollback', 'take the version in force back').action(rollback)
  return settings
}

async function plan(file: string, options: CommonOptions): Promise<void> {
  const wanted = readSettings(file)
  await using archive = await openArchiveFor(options, progressOf(options))
  const value = await planSettings(archive.client, wanted)
  print({ value, text: value.map(line).join('\n') || 'the settings are as the file says' }, options)
}

async function apply(file: string, options: CommonOptions): Promise<void> {
  const wanted = readSettings(file)
  await using archive = await openArchiveFor(options, progressOf(options))
  const value = await applySettings(archive.client, wanted)
  print({ value, text: text(value) }, options)
}

async function rollback(options: CommonOptions): Promise<void> {
  await using archive = await openArchiveFor(options, progressOf(options))
  const value = await rollBackSettings(archive.client)
  print({ value, text: text(value) }, options)
}

async function status(options: CommonOptions): Promise<void> {
  await using archive = await openArchiveFor(options, progressOf(options))
  const value = await settingsDrift(archive.client)
  const lines = [inForce(value.version), ...value.differences.map(line), ...restart(value.awaitingRestart)]
  print({ value, text: lines.join('\n') }, options)
  if (value.differences.length > 0) process.exitCode = exitCodes.check
}

function inForce(version: number): string {
  return version === 0 ? 'no version of settings is in force' : `version ${version} is in force`
}

function text({ version, changed, awaitingRestart }: SettingsApplied): string {
  const head = changed.length === 0 ? 'nothing to change' : inForce(version)
  return [head, ...changed.map(line), ...restart(awaitingRestart)].join('\n')
}

/** e.g. `  work_mem (database): 64MB, was not set` */
function line({ at, name, desired, found }: SettingDifference): string {
  return `  ${name} (${at}): ${desired ?? 'not set'}, was ${found ?? 'not set'}`
}

function restart(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`  after a restart of the server: ${names.join(', ')}`]
}

// The command line: where the rooms are wired together.
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { accessCommand } from './commands/access.ts'
import { applyCommand } from './commands/apply.ts'
import { auditCommand } from './commands/audit.ts'
import { checkCommand } from './commands/check.ts'
import { crossMatchCommand } from './commands/cross-match.ts'
import { demoCommand } from './commands/demo.ts'
import { driftCommand } from './commands/drift.ts'
import { exportCommand } from './commands/export.ts'
import { fetchCommand } from './commands/fetch.ts'
import { fitsCommand } from './commands/fits.ts'
import { lintCommand } from './commands/lint.ts'
import { loadCommand } from './commands/load.ts'
import { mapVoidsCommand } from './commands/map-voids.ts'
import { migrateCommand } from './commands/migrate.ts'
import { mockCommand } from './commands/mock.ts'
import { planCommand } from './commands/plan.ts'
import { profileCommand } from './commands/profile.ts'
import { publishedCommand } from './commands/published.ts'
import { queryCommand } from './commands/query.ts'
import { releaseCommand } from './commands/release.ts'
import { startCommand, stopCommand } from './commands/server.ts'
import { settingsCommand } from './commands/settings.ts'
import { skyCommand } from './commands/sky.ts'
import { stagingCommand } from './commands/staging.ts'
import { statusCommand } from './commands/status.ts'
import { voidsCommand } from './commands/voids.ts'
import { tell } from './failure.ts'

const { version, description } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string; description: string }

/** The whole command, for running and for generating its reference page. */
export function program(): Command {
  const almagest = new Command('almagest').description(description).version(version)
  const commands = [
    demoCommand,
    startCommand,
    stopCommand,
    statusCommand,
    applyCommand,
    mockCommand,
    fetchCommand,
    loadCommand,
    stagingCommand,
    releaseCommand,
    mapVoidsCommand,
    voidsCommand,
    queryCommand,
    skyCommand,
    crossMatchCommand,
    exportCommand,
    fitsCommand,
    planCommand,
    migrateCommand,
    driftCommand,
    accessCommand,
    auditCommand,
    publishedCommand,
    settingsCommand,
    lintCommand,
    checkCommand,
    profileCommand,
  ]
  for (const command of commands) almagest.addCommand(command())
  return strict(almagest)
}

/** Runs the command line; returns the exit code (docs/errors.md). */
export async function main(words: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (failure) {
    return tell(failure, words.includes('--json'))
  }
}

/** Faults of the command line are thrown, so that all failures leave by the same door. */
function strict(command: Command): Command {
  command.exitOverride().showHelpAfterError('(see --help)').showSuggestionAfterError()
  for (const each of command.commands) strict(each)
  return command
}

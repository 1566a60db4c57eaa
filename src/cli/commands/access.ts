// `almagest access`: who may do what, as code: plan, apply, difference, matrix.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import {
  type AccessPlan,
  accessMatrix,
  applyAccess,
  type Lab,
  type Proof,
  parseLab,
  planAccess,
  proofPage,
  proveAccess,
  usualLab,
} from '../../access/index.ts'
import { addKey, openKeys } from '../../keys/index.ts'
import { AlmagestError, exitCodes, type Survey } from '../../model/index.ts'
import { deployments } from '../../postgres/index.ts'
import type { Archive } from '../archive.ts'
import {
  type CommonOptions,
  collect,
  databaseOptions,
  jsonOption,
  openArchiveFor,
  print,
  progressOf,
} from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { table } from '../report.ts'
import { findSurveys } from '../surveys.ts'
import { certificates, network } from './access-network.ts'
import { differenceLine } from './drift.ts'

interface AccessOptions extends CommonOptions {
  lab?: string
}

interface Subject {
  readonly archive: Archive
  readonly lab: Lab
  readonly surveys: readonly Survey[]
}

export function accessCommand(): Command {
  const access = new Command('access').description('who may do what: roles, columns, embargoed rows')
  const add = (words: string, description: string) =>
    databaseOptions(access.command(words))
      .description(description)
      .option('--lab <file>', 'JSON file with the prefix of the roles, the projects and the logins')
  add('plan', 'what apply would change; changes nothing').action(planned(false))
  add('apply', 'make roles, grants, row policies and masked views as declared, all or nothing').action(apply)
  add('diff', 'what was granted or changed by hand; exit code 8 when anything was').action(planned(true))
  add('matrix', 'which role may do what with which table').action(matrix)
  add('prove', 'try everything as every role; exit code 8 when anything ends otherwise than declared')
    .option('--page <file>', 'write the matrix as an HTML page')
    .action(prove)
  add('network', 'whether connections are by TLS and SCRAM from the declared addresses; exit code 8 when not')
    .option('--certificates <folder>', 'make it so, with the certificates of this folder; or nothing')
    .option('--out <folder>', 'write pg_hba.conf and settings for a server elsewhere; changes nothing')
    .action((options: AccessOptions) => network(labOf(options.lab), options))
  jsonOption(access.command('certificates'))
    .description('make an authority, unless the folder has one, and a certificate for the server')
    .requiredOption('--out <folder>', 'where the four files are')
    .option('--host <name>', 'name or address of the server, may be repeated', collect, [])
    .option(
      '--days <number>',
      'how long the server’s certificate is valid',
      wholeNumber('--days', 1, 3650),
      397,
    )
    .action(certificates)
  jsonOption(access.command('key'))
    .description(
      'make a key for encrypted columns; a file that has keys gets the new one in front, which seals from now on',
    )
    .requiredOption('--out <file>', 'file of keys, readable by its owner alone')
    .action(makeKey)
  return access
}

function makeKey({ out, json }: { out: string; json?: boolean }): void {
  const ring = existsSync(out) ? openKeys(`file:${out}`) : undefined
  // Whole or not at all: losing a key loses what it sealed.
  writeFileSync(`${out}.new`, addKey(ring ? readFileSync(out, 'utf8') : ''), { mode: 0o600 })
  renameSync(`${out}.new`, out)
  const made = openKeys(`file:${out}`)
  const id = made.current.id.toString('hex')
  const others = made.all.size - 1
  const text = `${out}: key ${id} seals from now on${others ? `; ${others} older ${others === 1 ? 'key opens' : 'keys open'} what they sealed` : ''}`
  print({ value: { file: out, current: id, keys: [...made.all.keys()] }, text }, json ? { json } : {})
}

/** Works on the surveys that are declared and built in the database. */
async function withSubject<T>(options: AccessOptions, work: (subject: Subject) => Promise<T>): Promise<T> {
  const lab = labOf(options.lab)
  const all = await findSurveys(options.catalogs)
  await using archive = await openArchiveFor(options, progressOf(options))
  const built = new Set((await deployments(archive.client)).map(({ name }) => name))
  return await work({ archive, lab, surveys: all.filter(({ name }) => built.has(name)) })
}

/** The laboratory of a file, or the usual one. */
export function labOf(file: string | undefined): Lab {
  if (file === undefined) return usualLab
  if (existsSync(file)) return parseLab(readFileSync(file, 'utf8'), file)
  throw new AlmagestError(
    'ACCESS_LAB_MISSING',
    'usage',
    `there is no file ${file}`,
    'Correct the name given with --lab.',
    { file },
  )
}

function planned(strict: boolean) {
  return async (options: AccessOptions): Promise<void> => {
    const plan = await withSubject(options, ({ archive, lab, surveys }) =>
      planAccess(archive.client, lab, surveys),
    )
    print({ value: plan, text: planText(plan) || 'roles and rights are as declared' }, options)
    const found = plan.roles.length + plan.database.length + plan.hazards.length
    if (strict && found > 0) process.exitCode = exitCodes.check
  }
}

async function apply(options: AccessOptions): Promise<void> {
  const plan = await withSubject(options, ({ archive, lab, surveys }) =>
    applyAccess(archive.client, lab, surveys),
  )
  const changes = plan.roles.length + plan.database.length
  const text = changes === 0 ? 'roles and rights were as declared already' : `${changes} changes made`
  print({ value: plan, text: [planText(plan), text].filter(Boolean).join('\n') }, options)
}

function planText({ roles, database, hazards }: AccessPlan): string {
  const part = (head: string, lines: readonly string[]) => (lines.length ? [head, ...lines] : [])
  return [
    ...part('roles (of the whole server):', roles.map(differenceLine)),
    ...part('rights in this database:', database.map(differenceLine)),
    ...part(
      'not changed from here, but they undermine what is declared:',
      hazards.map(({ kind, object, why }) => `  ${kind} ${object}: ${why}`),
    ),
  ].join('\n')
}

async function matrix(options: AccessOptions): Promise<void> {
  const rows = await withSubject(options, async ({ lab, surveys }) => accessMatrix(lab, surveys))
  const lines = rows.map(({ role, object, rights, columns, rows: seen }) => [
    role,
    object,
    rights.join(', '),
    columns,
    seen,
  ])
  print({ value: rows, text: table(['role', 'object', 'rights', 'columns', 'rows'], lines) }, options)
}

async function prove(options: AccessOptions & { page?: string }): Promise<void> {
  const proof = await withSubject(options, ({ archive, lab, surveys }) =>
    proveAccess(archive.client, archive.server.connectionUrl, lab, surveys),
  )
  if (options.page !== undefined) writeFileSync(options.page, proofPage(proof))
  print({ value: proof, text: proofText(proof) }, options)
  if (proof.unexpected > 0) process.exitCode = exitCodes.check
}

function proofText({ cells, attempts, unexpected, notAssessed }: Proof): string {
  const roles = [...new Set(cells.map(({ role }) => role))]
  const rows = roles.map((role) => {
    const own = cells.filter((cell) => cell.role === role)
    const number = (...outcomes: string[]) => own.filter(({ observed }) => outcomes.includes(observed)).length
    const wrong = own.filter(({ holds }) => !holds).length
    return [role, own.length, number('allowed', 'seen'), number('refused', 'hidden', 'no effect'), wrong]
  })
  const wrong = cells
    .filter(({ holds }) => !holds)
    .map(
      ({ role, object, action, expected, observed, sqlState }) =>
        `  ${role}: ${action} on ${object}: ${observed}${sqlState ? ` (${sqlState})` : ''}, expected ${expected}`,
    )
  return [
    table(['role', 'attempts', 'got', 'did not get', 'unexpected'], rows),
    ...wrong,
    ...notAssessed.map((each) => `not assessed: ${each}`),
    `${attempts} attempts, ${unexpected} with an unexpected outcome`,
  ].join('\n')
}

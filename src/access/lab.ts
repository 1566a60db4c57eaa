// The laboratory: its projects with their limits and its logins, read from a JSON file.
import { isIP } from 'node:net'
import { AlmagestError, nearest } from '../model/index.ts'

export interface Project {
  /** Also reads columns marked `collaboration`. */
  readonly collaboration: boolean
  /** PostgreSQL's own spelling, e.g. `10min`, `64MB`, `2GB`. */
  readonly statementTimeout: string
  readonly workMem: string
  readonly tempFileLimit: string
  /** Connections of each of its logins at a time. */
  readonly connections: number
  /** Bytes that its schema may hold, e.g. `50GB`; measured, as PostgreSQL itself has no such limit. */
  readonly quota: string
}

export interface Lab {
  /** What the names of all roles begin with: roles belong to the whole server, not to one database. */
  readonly prefix: string
  readonly projects: Readonly<Record<string, Project>>
  /** Login name -> the role it acts in, e.g. `analyst` or `project:voids`. */
  readonly logins: Readonly<Record<string, string>>
  /** Addresses from which logins connect, e.g. `10.1.0.0/16`; absent: how to connect is not declared here. */
  readonly network?: readonly string[]
}

/** The kinds of roles that every laboratory has. */
export const roleKinds = [
  'owner',
  'admin',
  'migrator',
  'ingest',
  'analyst',
  'collaborator',
  'auditor',
  'monitor',
  'backup',
  'masker',
  'ledger',
  'audited',
] as const
export type RoleKind = (typeof roleKinds)[number]

/** Kinds that own things, or mark them, and that nobody logs in as. */
export const silentKinds: readonly string[] = ['owner', 'masker', 'ledger', 'audited']

const usual: Project = {
  collaboration: false,
  statementTimeout: '10min',
  workMem: '64MB',
  tempFileLimit: '5GB',
  connections: 5,
  quota: '10GB',
}

export const usualLab: Lab = { prefix: 'almagest', projects: {}, logins: {} }

const forms: Record<keyof Project, { is: (value: unknown) => boolean; what: string }> = {
  collaboration: { is: (value) => typeof value === 'boolean', what: 'true or false' },
  statementTimeout: matching(/^\d+(ms|s|min|h)$/, 'a time such as 10min'),
  workMem: matching(/^\d+(kB|MB|GB)$/, 'a size such as 64MB'),
  tempFileLimit: matching(/^\d+(kB|MB|GB|TB)$/, 'a size such as 5GB'),
  connections: { is: (value) => Number.isInteger(value) && Number(value) > 0, what: 'a number above 0' },
  quota: matching(/^\d+(kB|MB|GB|TB)$/, 'a size such as 50GB'),
}

function matching(form: RegExp, what: string) {
  return { is: (value: unknown) => typeof value === 'string' && form.test(value), what }
}

/**
 * Reads a laboratory's file: `{"prefix": …, "projects": {name: {…}}, "logins": {name: role}, "network": [address]}`,
 * every part optional.
 * @throws AlmagestError `ACCESS_LAB_FAULTS` with all faults at once
 */
export function parseLab(text: string, file: string): Lab {
  const faults: string[] = []
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    throw labFaults(file, [(error as Error).message])
  }
  if (!isRecord(given)) throw labFaults(file, ['it holds no JSON object'])
  checkWords('', Object.keys(given), ['prefix', 'projects', 'logins', 'network'], faults)
  const { prefix = usualLab.prefix, projects = {}, logins = {}, network } = given
  if (typeof prefix !== 'string' || !/^[a-z][a-z0-9_]{0,20}$/.test(prefix))
    faults.push(`prefix: ${JSON.stringify(prefix)} is not a lower-case name of at most 21 letters`)
  const found: Record<string, Project> = {}
  if (!isRecord(projects)) faults.push('projects: is no object')
  else for (const [name, each] of Object.entries(projects)) found[name] = projectOf(name, each, faults)
  if (isRecord(logins)) checkLogins(logins, String(prefix), Object.keys(found), faults)
  else faults.push('logins: is no object')
  checkNetwork(network, faults)
  if (faults.length > 0) throw labFaults(file, faults)
  return {
    prefix: prefix as string,
    projects: found,
    logins: logins as Record<string, string>,
    ...(network !== undefined && { network: network as string[] }),
  }
}

function projectOf(name: string, given: unknown, faults: string[]): Project {
  const path = `projects.${name}`
  if (!/^[a-z][a-z0-9_]{0,24}$/.test(name))
    faults.push(`${path}: is not a lower-case name of at most 25 letters`)
  if (!isRecord(given)) {
    faults.push(`${path}: is no object`)
    return usual
  }
  checkWords(`${path}.`, Object.keys(given), Object.keys(forms), faults)
  for (const [word, value] of Object.entries(given)) {
    const form = forms[word as keyof Project]
    if (form && !form.is(value)) faults.push(`${path}.${word}: ${JSON.stringify(value)} is not ${form.what}`)
  }
  return { ...usual, ...given }
}

function checkLogins(
  logins: Record<string, unknown>,
  prefix: string,
  projects: readonly string[],
  faults: string[],
) {
  const known = [
    ...roleKinds.filter((kind) => !silentKinds.includes(kind)),
    ...projects.map((name) => `project:${name}`),
  ]
  for (const [login, role] of Object.entries(logins)) {
    if (!/^[a-z_][a-z0-9_]{0,40}$/.test(login) || login.startsWith(`${prefix}_`) || login.startsWith('pg_'))
      faults.push(
        `logins.${login}: is no lower-case name of at most 41 letters that begins neither with ${prefix}_ nor pg_`,
      )
    if (known.includes(String(role))) continue
    const near = nearest(String(role), known)
    faults.push(
      `logins.${login}: there is no role ${JSON.stringify(role)}${near ? `; did you mean "${near}"?` : ''}`,
    )
  }
}

function checkNetwork(network: unknown, faults: string[]) {
  if (network === undefined) return
  if (!Array.isArray(network) || network.length === 0) {
    faults.push('network: is no list of addresses such as ["10.1.0.0/16"]')
    return
  }
  for (const each of network)
    if (!isCidr(each)) faults.push(`network: ${JSON.stringify(each)} is no address such as 10.1.0.0/16`)
}

function isCidr(value: unknown): boolean {
  const [address = '', bits = '', ...more] = String(value).split('/')
  const version = isIP(address)
  return (
    version > 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
  )
}

function checkWords(path: string, words: readonly string[], known: readonly string[], faults: string[]) {
  for (const word of words.filter((each) => !known.includes(each))) {
    const near = nearest(word, known)
    faults.push(`${path}${word}: is not known${near ? `; did you mean "${near}"?` : ''}`)
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function labFaults(file: string, faults: readonly string[]): AlmagestError {
  return new AlmagestError(
    'ACCESS_LAB_FAULTS',
    'usage',
    `${file} has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${faults.map((each) => `  ${each}`).join('\n')}`,
    'Correct each line named above.',
    { file },
  )
}

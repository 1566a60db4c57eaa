// A deployment's settings as a value: for the server, for the database, and for roles in it.
import { readFileSync } from 'node:fs'
import { AlmagestError } from '../../model/index.ts'

/** Names of PostgreSQL's parameters and their values, as postgresql.conf takes them. */
export type Values = Readonly<Record<string, string>>

export interface Settings {
  /** ALTER SYSTEM: the whole server. */
  readonly server: Values
  /** ALTER DATABASE: sessions in this database. */
  readonly database: Values
  /** ALTER ROLE … IN DATABASE: sessions of a role in this database. */
  readonly roles: Readonly<Record<string, Values>>
}

/** One setting: where it holds, its name, its value; null is none. */
export interface Setting {
  readonly at: 'server' | 'database' | `role ${string}`
  readonly name: string
  readonly value: string | null
}

/** @throws AlmagestError `SETTINGS_FILE` with every fault of the file */
export function readSettings(path: string): Settings {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw fileFault(path, [(error as Error).message])
  }
  const faults: string[] = []
  const values = (where: string, given: unknown): Values => {
    if (given === undefined) return {}
    if (!isRecord(given)) {
      faults.push(`${where} is no object of names and values`)
      return {}
    }
    for (const [name, each] of Object.entries(given)) {
      if (!['string', 'number', 'boolean'].includes(typeof each))
        faults.push(`${where}.${name} is no text, number or boolean`)
      if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name))
        faults.push(`${where}: "${name}" is no name of a parameter`)
    }
    return Object.fromEntries(
      Object.entries(given).map(([name, each]) => [
        name,
        each === true ? 'on' : each === false ? 'off' : String(each),
      ]),
    )
  }
  if (!isRecord(value)) throw fileFault(path, ['it holds no object'])
  for (const key of Object.keys(value))
    if (!['server', 'database', 'roles'].includes(key))
      faults.push(`"${key}" is none of server, database, roles`)
  if (value.roles !== undefined && !isRecord(value.roles)) faults.push('roles is no object of roles')
  const roles = isRecord(value.roles) ? value.roles : {}
  const settings = {
    server: values('server', value.server),
    database: values('database', value.database),
    roles: Object.fromEntries(
      Object.entries(roles).map(([role, each]) => [role, values(`roles.${role}`, each)]),
    ),
  }
  if (faults.length > 0) throw fileFault(path, faults)
  return settings
}

/** All settings in a fixed order. */
export function listed({ server, database, roles }: Settings): Setting[] {
  const of = (at: Setting['at'], values: Values) =>
    Object.entries(values).map(([name, value]): Setting => ({ at, name, value }))
  return [
    ...of('server', server),
    ...of('database', database),
    ...Object.entries(roles).flatMap(([role, values]) => of(`role ${role}`, values)),
  ].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

export function keyOf({ at, name }: Pick<Setting, 'at' | 'name'>): string {
  return `${at} ${name}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fileFault(file: string, faults: readonly string[]): AlmagestError {
  return new AlmagestError(
    'SETTINGS_FILE',
    'usage',
    `${file} declares no settings: ${faults.join('; ')}`,
    'It holds {"server": {…}, "database": {…}, "roles": {"name": {…}}}, each with names and values of parameters.',
    { file },
  )
}

// Linting a survey: its declaration, its migrations, and the database when there is one.
import { join } from 'node:path'
import type { Survey } from '../model/index.ts'
import { type Client, type Migration, tableSizes } from '../postgres/index.ts'
import type { Finding, Placed, Rule, Step } from './rule.ts'
import { loadRules } from './rules.ts'
import { allowedRules, readStatements, type Statement, SyntaxFault } from './statements.ts'
import { Story } from './story.ts'

export interface LintSubject {
  readonly survey: Survey
  /** The survey's migrations, and the folder they stand in. */
  readonly migrations: readonly Migration[]
  readonly folder: string
  /** For rules that ask the server, and for the sizes of tables. */
  readonly client?: Client
}

/** All that the rules object to: declaration first, then the files in their order, then the database. */
export async function lintSurvey({ survey, migrations, folder, client }: LintSubject): Promise<Finding[]> {
  const rules = await loadRules()
  const sizes = client && (await tableSizes(client, survey.schema))
  const findings: Finding[] = []
  const add = (name: string, placed: readonly Placed[]) => {
    for (const each of placed) findings.push({ rule: name, level: rules.get(name)!.level, ...each })
  }
  for (const [name, rule] of rules) add(name, rule.survey?.(survey) ?? [])
  const story = new Story(survey.schema, sizes)
  for (const migration of migrations) findings.push(...(await lintMigration(rules, migration, story, folder)))
  for (const [name, rule] of rules) add(name, rule.end?.(story) ?? [])
  if (client) for (const [name, rule] of rules) add(name, (await rule.database?.(client, survey)) ?? [])
  return findings
}

async function lintMigration(
  rules: ReadonlyMap<string, Rule>,
  migration: Migration,
  story: Story,
  folder: string,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const fileOf = (way: string) => join(folder, `${migration.number}_${migration.name}.${way}.sql`)
  const read = async (way: 'up' | 'down'): Promise<Step> => {
    const sql = way === 'up' ? migration.upSql : migration.downSql
    const statements = await readStatements(sql).catch((fault: unknown): Statement[] => {
      if (!(fault instanceof SyntaxFault)) throw fault
      findings.push({
        rule: 'syntax',
        level: 'error',
        where: `${fileOf(way)}:${fault.line}`,
        problem: fault.message,
        remedy: 'PostgreSQL 16 does not take this statement: correct it.',
      })
      return []
    })
    return { migration, way, statements }
  }
  const [up, down] = [await read('up'), await read('down')]
  story.begin(migration.number)
  for (const [name, { level, step }] of rules)
    for (const each of [...(step?.(up, down) ?? []), ...(step?.(down, up) ?? [])])
      findings.push({ rule: name, level, where: fileOf('down'), ...each })
  for (const step of [up, down]) {
    for (const statement of step.statements) {
      const where = `${fileOf(step.way)}:${statement.line}`
      const allowed = allowedRules(statement)
      for (const [name, rule] of rules) {
        if (allowed.includes(name)) continue
        const found = rule.statement?.(statement, story, step) ?? []
        findings.push(...found.map((each) => ({ rule: name, level: rule.level, where, ...each })))
      }
      if (step.way === 'up') story.tell(statement.node)
    }
  }
  return findings
}

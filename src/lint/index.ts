// The door of the lint room: what is unwise in declarations, migrations and databases.
export { type LintSubject, lintSurvey } from './lint-survey.ts'
export type { Finding, Level } from './rule.ts'
export { loadRules } from './rules.ts'

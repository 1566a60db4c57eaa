// The door of the quality room: whether the content of tables is right.
export type { Check, CheckKind, FailingRow, State, Verdict } from './check.ts'
export { loadCheckKinds } from './kinds.ts'
export { type CheckResult, type Report, summarise } from './result.ts'
export { type CheckOptions, runChecks } from './run-checks.ts'

// The door of the quality room: whether the content of tables is right.
export {
  type Check,
  type CheckKind,
  counted,
  type FailingRow,
  type OwnCheck,
  type State,
  type Verdict,
} from './check.ts'
export { type Change, changesSince, type FormerRun, formerRuns, keepRun } from './history.ts'
export { loadCheckKinds } from './kinds.ts'
export { makeProfile } from './profile/profile.ts'
export { type Profile, parseProfiles, storedProfiles, storeProfile } from './profile/stored.ts'
export { type ReportParts, reportWriter } from './report/formats.ts'
export { type CheckResult, type Report, summarise } from './result.ts'
export { type CheckOptions, runChecks } from './run-checks.ts'
export { tableFacts } from './table-facts.ts'

// The door of the release room: named states of a survey's rows that do not change any more.
export { forgetReleases } from './forget.ts'
export { publishRelease, type ReleaseOptions } from './publish.ts'
export { type PublishedRelease, type ReleasePart, readReleases, releaseNamed } from './register.ts'
export { type ReleaseFault, verifyRelease } from './verify.ts'
export { withdrawRelease } from './withdraw.ts'

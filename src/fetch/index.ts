// The fetch room's door: a survey's published files into a folder, complete and right.
export { type FetchErrorCode, type FetchErrorEntry, fetchError, fetchErrors } from './errors.ts'
export { type FetchedFile, type FetchOptions, type FetchReport, fetchRelease } from './fetch-release.ts'
export { type ReleaseFile, releaseFiles } from './release-files.ts'

// Every fault that fetching can report: one table of codes with meaning and remedy.
import { AlmagestError, type FaultKind, type FaultPlace } from '../model/index.ts'

export interface FetchErrorEntry {
  readonly kind: FaultKind
  /** What is wrong when this code appears. */
  readonly meaning: string
  /** What the user does about it; the default hint of the error. */
  readonly remedy: string
}

const entry = (kind: FaultKind, meaning: string, remedy: string): FetchErrorEntry => ({
  kind,
  meaning,
  remedy,
})

const goesOn = 'Run the same command again: it goes on where it stopped.'

/** All codes of fetching; the documentation of errors is tied to this table. */
export const fetchErrors = {
  FETCH_NO_RELEASE: entry(
    'usage',
    'The survey does not say where its files are published.',
    'Download them by hand, or declare a release in the catalogue.',
  ),
  FETCH_NOTHING: entry(
    'usage',
    'No file of the release has a name of the pattern asked for.',
    'See the names with --list; the pattern may hold * for any characters.',
  ),
  FETCH_BUSY: entry(
    'usage',
    'Another process fetches into the same folder.',
    'Wait for it, or choose another folder; when no such process runs, remove the lock file named here.',
  ),
  FETCH_FILE_DIFFERS: entry(
    'usage',
    'The folder has a file of that name with other content than the published one.',
    'Move it away, or let it be replaced with --replace.',
  ),
  FETCH_NO_SPACE: entry(
    'environment',
    'The disk has less free space than the files need.',
    'Free space, choose another folder, or fetch fewer files with --files.',
  ),
  FETCH_WRITE_FAILED: entry(
    'environment',
    'A file could not be written or renamed.',
    'Check the folder, its permissions and the free space; then run the same command again.',
  ),
  FETCH_FILE_MISSING: entry(
    'environment',
    'The web server has no such file.',
    'Check the address with a browser; a mirror is named with --base-url.',
  ),
  FETCH_HTTP_FAILED: entry(
    'environment',
    'The web server did not deliver a file, also when asked several times.',
    goesOn,
  ),
  FETCH_CHANGED: entry(
    'environment',
    'A file changed on the web server while it was fetched, several times over.',
    'Try again when the release is not being changed.',
  ),
  FETCH_CHECKSUM: entry(
    'data',
    'A file arrived whole but with another SHA-256 than the release states, also when fetched anew; it was not kept.',
    'Try another mirror (--base-url), and tell the survey if it stays so.',
  ),
  FETCH_CHECKSUMS_MISSING: entry(
    'environment',
    'The release states no SHA-256 for a file: its checksum file is absent or does not name it.',
    'Check the mirror, or accept files with a checked length only: --unverified.',
  ),
  FETCH_INTERRUPTED: entry('interrupted', 'Fetching was interrupted; what has arrived is kept.', goesOn),
} as const satisfies Record<string, FetchErrorEntry>

export type FetchErrorCode = keyof typeof fetchErrors

/** An error of fetching with the kind and the hint of its code. */
export function fetchError(
  code: FetchErrorCode,
  message: string,
  place: FaultPlace = {},
  options: { cause?: unknown } = {},
): AlmagestError {
  const { kind, remedy } = fetchErrors[code]
  return new AlmagestError(code, kind, message, remedy, place, options)
}

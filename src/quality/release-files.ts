// Which files of the survey's release a table was loaded from: published numbers hold of those, and of no others.
import { matchFile } from '../model/index.ts'
import type { Measures, ScanCheck, Scanned, Subject, Verdict } from './check.ts'
import { merge } from './scan.ts'
import type { LoadedFileFacts } from './table-facts.ts'

export interface ReleaseFiles {
  /** Names of the files that are asked for. */
  readonly names: readonly string[]
  /** Those of them that are loaded, as they were released: by name and size, and no mock. */
  readonly loaded: readonly LoadedFileFacts[]
  /** Loaded files of a released name that have another size: another version, or damaged; for each a sentence. */
  readonly differing: readonly string[]
  /** Why the table does not hold all of these files, if it doesn't. */
  readonly lacks: string | undefined
}

/**
 * Files of the release whose names match, and how they stand in the ledger. A mock says what it is in its header.
 * @param pattern  file name pattern as in layouts, or the names themselves
 */
export function releaseFiles(
  { survey, facts }: Pick<Subject, 'survey' | 'facts'>,
  pattern: string | readonly string[],
): ReleaseFiles {
  const sizes = new Map(survey.release?.folders.flatMap(({ files }) => Object.entries(files)))
  const isAsked = (name: string) =>
    typeof pattern === 'string' ? matchFile(pattern, name) !== undefined : pattern.includes(name)
  const names = [...sizes.keys()].filter(isAsked)
  const named = facts.files.filter(({ name }) => names.includes(name))
  const genuine = named.filter(({ mock }) => !mock)
  const loaded = genuine.filter(({ name, bytes }) => bytes === sizes.get(name))
  const differing = genuine
    .filter((file) => !loaded.includes(file))
    .map(({ name, bytes }) => `${name} has ${bytes} bytes, the released one ${sizes.get(name)}`)
  const whole = names.length > 0 && loaded.length === names.length
  const mocks = named.length - genuine.length
  const notes = [...(mocks > 0 ? [`${mocks} are a mock's`] : []), ...differing.slice(0, 3)]
  const counted = `${loaded.length} of ${names.length} files of the release are loaded`
  return { names, loaded, differing, lacks: whole ? undefined : [counted, ...notes].join('; ') }
}

/**
 * The part of a check that judges what the scan found of all rows or, with a pattern, of the files of the release that
 * match: skipped, with the reason and without computing anything, unless all of them are loaded and read.
 */
export function ofRelease(
  subject: Subject,
  pattern: string | undefined,
  aggregates: ScanCheck['aggregates'],
  judge: (total: Measures) => Verdict,
): Pick<ScanCheck, 'aggregates' | 'judge'> {
  if (pattern === undefined) return { aggregates, judge: ({ total }) => judge(total) }
  const { loaded, lacks } = releaseFiles(subject, pattern)
  if (lacks !== undefined) return { aggregates: {}, judge: () => ({ state: 'skipped', message: lacks }) }
  const ids = new Set(loaded.map(({ id }) => id))
  const ofThose = ({ files, onlyFiles }: Scanned): Verdict => {
    if (onlyFiles) return { state: 'skipped', message: 'only a part of the release is read' }
    return judge(
      merge(
        aggregates,
        files.filter(({ file }) => ids.has(file)),
      ),
    )
  }
  return { aggregates, judge: ofThose }
}

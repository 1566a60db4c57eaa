// The forms of a report, by the ending of the file's name.
import { AlmagestError, type Catalog } from '../../model/index.ts'
import type { Change, FormerRun } from '../history.ts'
import type { Report } from '../result.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import { prometheus } from './prometheus.ts'

export interface ReportParts {
  readonly report: Report
  /** Former runs, oldest first, and what changed since. */
  readonly runs: readonly FormerRun[]
  readonly changes: readonly Change[]
  readonly catalogs: readonly Catalog[]
}

type Writer = (parts: ReportParts) => string | Promise<string>

const writers: Readonly<Record<string, Writer>> = {
  '.html': async ({ report, runs, changes, catalogs }) => {
    // What draws takes time to load: only who asks for the page waits for it.
    const { html } = await import('./html.ts')
    return html(report, runs, changes, catalogs)
  },
  '.md': ({ report, changes }) => markdown(report, changes),
  '.xml': ({ report }) => junit(report),
  '.prom': ({ report }) => prometheus(report),
  '.json': ({ report, changes }) => `${JSON.stringify({ ...report, changes }, null, 2)}\n`,
}

/** How to write a report to a file of that name. @throws AlmagestError `CHECK_REPORT_FORMAT` */
export function reportWriter(name: string): Writer {
  const ending = Object.keys(writers).find((each) => name.endsWith(each))
  if (ending !== undefined) return writers[ending]!
  throw new AlmagestError(
    'CHECK_REPORT_FORMAT',
    'usage',
    `the name "${name}" does not tell the form of the report`,
    `Let it end in ${Object.keys(writers).join(', ')}: HTML, Markdown, JUnit XML, Prometheus metrics, JSON.`,
    { file: name },
  )
}

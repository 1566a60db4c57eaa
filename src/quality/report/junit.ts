// A run as JUnit XML, which continuous integration reads: a suite for each table, a case for each check.
import type { CheckResult, Report } from '../result.ts'

export function junit({ results, seconds }: Report): string {
  const tables = [...new Set(results.map(({ catalog }) => catalog))]
  const suites = tables.map((table) => {
    const own = results.filter(({ catalog }) => catalog === table)
    return `  <testsuite name="${escaped(table)}" ${counts(own)}>\n${own.map(caseOf).join('\n')}\n  </testsuite>`
  })
  const all = `name="almagest check" time="${seconds}" ${counts(results)}`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${all}>\n${suites.join('\n')}\n</testsuites>\n`
}

function counts(results: readonly CheckResult[]): string {
  const of = (wanted: string) => results.filter(({ state }) => state === wanted).length
  return `tests="${results.length}" failures="${of('fail')}" errors="${of('error')}" skipped="${of('skipped')}"`
}

function caseOf({ catalog, name, state, message, sql }: CheckResult): string {
  const head = `    <testcase classname="${escaped(catalog)}" name="${escaped(name)}"`
  const said = `message="${escaped(message)}"`
  switch (state) {
    case 'pass':
      return `${head}/>`
    case 'warn':
      return `${head}><system-out>${escaped(`warning: ${message}`)}</system-out></testcase>`
    case 'skipped':
      return `${head}><skipped ${said}/></testcase>`
    case 'error':
      return `${head}><error ${said}>${escaped(sql)}</error></testcase>`
    case 'fail':
      return `${head}><failure ${said}>${escaped(sql)}</failure></testcase>`
  }
}

/** Text for XML and HTML; characters that XML 1.0 (section 2.2) forbids become U+FFFD. */
export function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the forbidden ones
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}

// A run as one HTML page that opens offline: what fails first, each with its rows, statement and place.
import type { Catalog } from '../../model/index.ts'
import { counted, type FailingRow } from '../check.ts'
import type { Change, FormerRun } from '../history.ts'
import type { CheckResult, Report } from '../result.ts'
import { distributionSvg, relationSvg, skySvg, trendSvg } from './figures.ts'
import { escaped } from './junit.ts'

/** Marks that tell states apart without colour. */
const marks = {
  pass: '✓ pass',
  warn: '! warn',
  fail: '✗ fail',
  error: '? error',
  skipped: '– skipped',
} as const

const style = `
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; color: #1a1a1a; background: #fff; }
h1, h2, h3 { line-height: 1.2; overflow-wrap: anywhere; }
article { border: 1px solid #bbb; border-left: 6px solid #555; padding: 0 1rem; margin: 1rem 0; }
article.fail, article.error { border-left-color: #a40000; } article.warn { border-left-color: #8a5a00; }
.state { font-weight: 700; } .table { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; } th, td { border: 1px solid #ccc; padding: .2rem .5rem; text-align: left; }
pre { overflow-x: auto; background: #f4f4f4; padding: .5rem; font-size: .85rem; } svg { max-width: 100%; height: auto; }
figure { margin: 1rem 0; } figcaption { font-size: .9rem; }
p, li { overflow-wrap: anywhere; } nav ul { padding-left: 1.2rem; } .rows { white-space: nowrap; }
@media (max-width: 30rem) { body { padding: .5rem; } article { padding: 0 .5rem; } }`

export function html(
  report: Report,
  runs: readonly FormerRun[],
  changes: readonly Change[],
  catalogs: readonly Catalog[],
): string {
  const { results, totals, outcome, startedAt, seconds } = report
  const told = results.filter(({ state }) => state !== 'pass')
  const passed = results.filter(({ state }) => state === 'pass')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data quality: ${outcome}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>Data quality: ${marks[outcome]}</h1>
<p>${escaped(startedAt)}, ${seconds.toFixed(1)} s: ${Object.entries(totals)
    .map(([state, number]) => `${number} ${state}`)
    .join(', ')}.</p>
${overview(told)}<main>
${told.map((result, i) => resultHtml(result, i, catalogs)).join('\n')}
${changes.length > 0 ? `<section id="changes"><h2>Changed since the last run</h2><ul>${changes.map(({ check, before, after }) => `<li>${escaped(check)}: ${before} → ${after}</li>`).join('')}</ul></section>` : ''}
${runs.length > 0 ? `<section id="trend"><h2>Over the runs</h2>${trendSvg(runs, report)}</section>` : ''}
<section><details><summary>${counted(passed.length, 'check')} passed</summary>
${tableHtml(
  ['table', 'check', 'what holds', 'found'],
  passed.map(({ catalog, name, about, message }) => [catalog, name, about, message]),
)}</details></section>
${distributionsHtml(passed)}
</main>
</body>
</html>
`
}

/** What is wrong at a glance, where it would take more than a screen to see. */
function overview(told: readonly CheckResult[]): string {
  const wrong = told.flatMap(({ state, name, message }, i) =>
    state === 'skipped'
      ? []
      : [`<li><a href="#result-${i}">${marks[state]} ${escaped(name)}</a>: ${escaped(message)}</li>`],
  )
  return wrong.length > 1 ? `<nav aria-label="What is wrong"><ul>${wrong.join('')}</ul></nav>\n` : ''
}

/** Figures of what passes: how values are distributed, beside what was expected. */
function distributionsHtml(passed: readonly CheckResult[]): string {
  const figures = passed.flatMap((result) => {
    const title = `<h3>${escaped(result.catalog)}: ${escaped(result.name)}</h3>`
    return figuresOf(result).map((svg) => `${title}${svg}`)
  })
  if (figures.length === 0) return ''
  return `<section id="distributions"><details><summary>${figures.length} distributions and relations as expected</summary>${figures.join('')}</details></section>`
}

/** The figures of a result, each with what its lines are. */
const figuresOf = ({ figure, relation }: CheckResult) => [
  ...(figure ? [drawn(distributionSvg(figure), true, figure.tolerance !== undefined)] : []),
  ...(relation
    ? [drawn(relationSvg(relation), relation.expected !== undefined, relation.expected !== undefined)]
    : []),
]

const drawn = (svg: string, expected: boolean, allowed: boolean) =>
  `<figure>${svg}<figcaption>Line: found${expected ? ', dashed: expected' : ''}${allowed ? ', grey: allowed' : ''}.</figcaption></figure>`

function resultHtml(result: CheckResult, place: number, catalogs: readonly Catalog[]): string {
  const { state, catalog, name, about, message, rows, sql, owner, accepted, numbers } = result
  const declared = catalogs.find((each) => each.name === catalog)
  const sky = declared?.sky
  const map = sky && skySvg(result, sky.ra, sky.dec)
  return `<article class="${state}" id="result-${place}">
<h2><span class="state">${marks[state]}</span> ${escaped(name)}</h2>
<p>${escaped(catalog)}: ${escaped(about)}${owner === undefined ? '' : ` (owner: ${escaped(owner)})`}</p>
<p><strong>${escaped(message)}</strong></p>
${accepted ? `<p>Accepted until ${escaped(accepted.until)}: ${escaped(accepted.reason)}</p>` : ''}
${rows.length > 0 ? rowsHtml(rows, declared) : ''}
${map ?? ''}
${figuresOf(result).join('')}
${
  numbers
    ? tableHtml(
        ['number', 'value'],
        Object.entries(numbers).map(([key, value]) => [key, String(value)]),
      )
    : ''
}
${sql ? `<details><summary>SQL</summary><pre>${escaped(sql)}</pre></details>` : ''}
</article>`
}

/** Failing rows: key and values, and where they stand in which file; that file's number and theirs say no more. */
function rowsHtml(rows: readonly FailingRow[], catalog: Catalog | undefined): string {
  const origin = rows.some(({ file }) => file !== undefined)
  const isNumber = (column: string) => {
    const source = catalog?.columns[column]?.source
    return typeof source === 'object' && (source.kind === 'file' || source.kind === 'row')
  }
  const columns = Object.keys(rows[0]!.values).filter((column) => !origin || !isNumber(column))
  const cells = rows.map((row) => [
    ...columns.map((column) => row.values[column] ?? ''),
    ...(origin ? [row.file ?? '', row.hdu ?? '', String(row.row ?? '')] : []),
  ])
  return tableHtml([...columns, ...(origin ? ['FITS file', 'HDU', 'row'] : [])], cells, 'table rows')
}

function tableHtml(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  className = 'table',
): string {
  const heads = head.map((each) => `<th>${escaped(each)}</th>`).join('')
  const body = rows
    .map((row) => `<tr>${row.map((each) => `<td>${escaped(each)}</td>`).join('')}</tr>`)
    .join('\n')
  return `<div class="${className}"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`
}

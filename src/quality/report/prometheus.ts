// A run as metrics in Prometheus's text format, for the textfile collector.
import type { State } from '../check.ts'
import type { Report } from '../result.ts'

export function prometheus({ results, startedAt, seconds }: Report): string {
  const states: readonly State[] = ['pass', 'warn', 'fail', 'error', 'skipped']
  const tables = [...new Set(results.map(({ catalog }) => catalog))]
  const counts = tables.flatMap((table) =>
    states.map((state) => {
      const number = results.filter((each) => each.catalog === table && each.state === state).length
      return `almagest_checks{table="${label(table)}",state="${state}"} ${number}`
    }),
  )
  const rows = results.flatMap(({ catalog, name, failing }) =>
    failing === undefined
      ? []
      : [`almagest_check_failing_rows{table="${label(catalog)}",check="${label(name)}"} ${failing}`],
  )
  return [
    ...metric('almagest_checks', 'Checks of the last run by state'),
    ...counts,
    ...metric('almagest_check_failing_rows', 'Rows that fail a check'),
    ...rows,
    ...metric('almagest_check_started_timestamp_seconds', 'Start of the last run'),
    `almagest_check_started_timestamp_seconds ${new Date(startedAt).getTime() / 1000}`,
    ...metric('almagest_check_duration_seconds', 'Duration of the last run'),
    `almagest_check_duration_seconds ${seconds}`,
    '',
  ].join('\n')
}

const metric = (name: string, help: string) => [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`]

/** Label values escape backslash, quote and line feed. */
const label = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

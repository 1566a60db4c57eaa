// A run as Markdown: the summary for a pull request or a wiki.
import type { Change } from '../history.ts'
import type { Report } from '../result.ts'

export function markdown(
  { results, totals, outcome, startedAt }: Report,
  changes: readonly Change[],
): string {
  const told = results.filter(({ state }) => state !== 'pass')
  const rows = told.map(
    ({ state, catalog, name, message }) =>
      `| ${state} | ${cell(catalog)} | ${cell(name)} | ${cell(message)} |`,
  )
  const changed = changes.map(({ check, before, after }) => `- ${cell(check)}: ${before} → ${after}`)
  return [
    `# Data quality: ${outcome}`,
    `${startedAt}: ${Object.entries(totals)
      .map(([state, number]) => `${number} ${state}`)
      .join(', ')}.`,
    ...(rows.length > 0
      ? [['| state | table | check | message |', '| --- | --- | --- | --- |', ...rows].join('\n')]
      : []),
    ...(changed.length > 0 ? ['## Changed since the last run', changed.join('\n')] : []),
  ]
    .join('\n\n')
    .concat('\n')
}

/** A cell holds no line break, and a bar or angle would be taken for markup. */
const cell = (text: string) =>
  text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ')

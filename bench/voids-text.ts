// How the benchmark of voids words its results: numbers, seconds, tables.

export const n = (value: number) => value.toLocaleString('en-US')
export const s = (seconds: number) => `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
export const best = (times: readonly number[]) => Math.min(...times)
export const left = (what: string, why: string) => `Not measured in this run: ${what} (${why}).`

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

/** Seconds that the work takes. */
export function timed(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) / 1000
}

// The page of all benchmarks, docs/benchmarks.md: each command replaces its own section and leaves the others.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The processor that was measured on, as every section tells it. */
export const cores = (): string => `${cpus().length} cores (${cpus()[0]?.model.trim()})`

const page = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url))

/**
 * Writes a section between its markers, at the end of the page where it has none yet.
 * @param name  of the command after `bench:`
 * @param texts  Markdown: what was measured where, then the parts
 */
export function writeSection(name: string, title: string, texts: readonly string[]): void {
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n'
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const section = [begin, `## ${title}`, ...texts, end].join('\n\n')
  const at = before.indexOf(begin)
  writeFileSync(
    page,
    at < 0
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, at) + section + before.slice(before.indexOf(end) + end.length),
  )
}

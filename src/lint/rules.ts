// The rules there are: one file each, found by looking; a rule is named like its file.
import { readdirSync } from 'node:fs'
import type { Rule } from './rule.ts'

export async function loadRules(
  folder = new URL('./rules/', import.meta.url),
): Promise<ReadonlyMap<string, Rule>> {
  const names = readdirSync(folder).filter((each) => each.endsWith('.ts'))
  const rules = await Promise.all(
    names.sort().map(async (file) => {
      const { rule } = (await import(new URL(file, folder).href)) as { rule: Rule }
      return [file.slice(0, -3), rule] as const
    }),
  )
  return new Map(rules)
}

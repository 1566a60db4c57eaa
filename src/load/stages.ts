// The order of files: one that refers to tables which other files feed comes after these.
import type { Catalog } from '../model/index.ts'
import type { NamedFile } from './match.ts'

/** Files in stages: those of one stage don't depend on each other. */
export function loadingStages(files: readonly NamedFile[]): NamedFile[][] {
  const fed = new Map(files.map((file) => [file, catalogsOf(file)]))
  const stageOfTable = new Map<string, number>()
  const feeders = (table: string) =>
    files.filter((file) => [...fed.get(file)!].some(({ name }) => name === table))
  const stageOf = (file: NamedFile): number => {
    const own = fed.get(file)!
    const names = new Set([...own].map(({ name }) => name))
    const needed = [...own].flatMap(({ foreignKeys }) => foreignKeys.map(({ references }) => references))
    return Math.max(
      0,
      ...needed.filter((table) => !names.has(table)).map((table) => 1 + stageOfFeeders(table)),
    )
  }
  // -1: no file here feeds the table, or it is being asked for already (files that need each other).
  const stageOfFeeders = (table: string): number => {
    const known = stageOfTable.get(table)
    if (known !== undefined) return known
    stageOfTable.set(table, -1)
    const stage = Math.max(-1, ...feeders(table).map(stageOf))
    stageOfTable.set(table, stage)
    return stage
  }
  const stages: NamedFile[][] = []
  for (const file of files) (stages[stageOf(file)] ??= []).push(file)
  return stages.filter((stage) => stage !== undefined)
}

function catalogsOf({ candidates }: NamedFile): Set<Catalog> {
  return new Set(candidates.map(({ catalog }) => catalog))
}

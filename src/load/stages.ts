// The order of files: one that refers to tables which other files feed comes after these, and files that may hold
// the same keys of a table that keeps the first row take turns.
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
  return stages.filter((stage) => stage !== undefined).flatMap(inTurns)
}

/** The files of a stage as stages of files without a common key, in the order in which the first of each was given. */
function inTurns(stage: readonly NamedFile[]): NamedFile[][] {
  const turns = new Map<string, NamedFile[]>()
  const free: NamedFile[] = []
  for (const file of stage) {
    const turn = turnOf(file)
    if (turn === undefined) free.push(file)
    else turns.set(turn, [...(turns.get(turn) ?? []), file])
  }
  const [first = [], ...others] = turns.values()
  return [[...first, ...free], ...others]
}

/** What files have in common that may be loaded together; undefined for those that need not take turns. */
function turnOf({ name, candidates }: NamedFile): string | undefined {
  const ruled = candidates.filter(({ catalog }) => catalog.duplicates)
  if (ruled.length === 0) return undefined
  const shared = ruled.map(({ catalog, parts }) => {
    const { uniqueWithin } = catalog.duplicates!
    return [catalog.name, uniqueWithin?.map((part) => parts[part]) ?? name]
  })
  return JSON.stringify(shared)
}

function catalogsOf({ candidates }: NamedFile): Set<Catalog> {
  return new Set(candidates.map(({ catalog }) => catalog))
}

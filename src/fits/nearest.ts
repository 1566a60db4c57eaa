// The name among those present that a misspelt name most likely meant.

/** Number of insertions, deletions and substitutions between two short texts (Levenshtein distance). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitute, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** The nearest of `names` to `wanted` ignoring case, or undefined when none is near (within a third of its letters). */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  if (wanted.length > 100) return undefined
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    if (name.length > 100) continue
    const distance = editDistance(wanted.toUpperCase(), name.toUpperCase())
    if (!best || distance < best.distance) best = { name, distance }
  }
  return best && best.distance <= Math.max(2, wanted.length / 3) ? best.name : undefined
}

/** A sentence part such as `; did you mean Z?`, or nothing. */
export function didYouMean(wanted: string, names: readonly string[]): string {
  const name = nearestName(wanted, names)
  return name === undefined ? '' : `; did you mean ${name}?`
}

// Groups of duplicates: the rows that chains of pairs hold together.
import { compareKeys, GrowingKeys } from './keys.ts'
import type { Pairs } from './pairs.ts'
import { chunkRows } from './read-positions.ts'

/**
 * The rows that occur in pairs, with the number and size of their group: the connected components of the pairs. Groups are
 * numbered from 1 by their lowest key, and rows come by group and key, so that every road gives the same. All pairs are held
 * in memory, about 50 bytes each.
 */
export async function* groupsOf(batches: AsyncIterable<Pairs>): AsyncGenerator<Pairs> {
  const ends = new GrowingKeys(chunkRows)
  let count = 0
  for await (const { aKeys, bKeys, aRow, bRow, count: pairs } of batches) {
    for (let i = 0; i < pairs; i++) {
      ends.add(aKeys, aRow[i]!)
      ends.add(bKeys, bRow[i]!)
    }
    count += 2 * pairs
  }
  const keys = ends.columns
  const byKey = Int32Array.from({ length: count }, (_, i) => i).sort((x, y) => compareKeys(keys, x, keys, y))
  // members in the order of their keys, each by one of the ends that are it
  const members: number[] = []
  const memberOf = new Int32Array(count)
  for (const end of byKey) {
    if (members.length === 0 || compareKeys(keys, members.at(-1)!, keys, end) !== 0) members.push(end)
    memberOf[end] = members.length - 1
  }
  const lowest = components(memberOf, members.length)
  const [id, size] = [new Int32Array(members.length), new Int32Array(members.length)]
  let groups = 0
  for (let each = 0; each < members.length; each++) {
    const first = lowest[each]!
    if (first === each) id[each] = ++groups
    id[each] = id[first]!
    size[first]!++
  }
  const byGroup = Int32Array.from({ length: members.length }, (_, i) => i).sort(
    (x, y) => id[x]! - id[y]! || x - y,
  )
  for (let from = 0; from < byGroup.length; from += chunkRows) {
    const rows = byGroup.subarray(from, from + chunkRows)
    yield {
      count: rows.length,
      aKeys: keys,
      bKeys: [],
      aRow: rows.map((each) => members[each]!),
      bRow: new Int32Array(rows.length).fill(-1),
      separation: new Float64Array(rows.length),
      rank: new Int32Array(rows.length),
      group: { id: rows.map((each) => id[each]!), size: rows.map((each) => size[lowest[each]!]!) },
    }
  }
}

/** For each member the lowest of its component; ends 2n and 2n + 1 are linked (union-find with path halving). */
function components(memberOf: Int32Array, members: number): Int32Array {
  const parent = Int32Array.from({ length: members }, (_, i) => i)
  const root = (of: number): number => {
    let at = of
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  for (let end = 0; end < memberOf.length; end += 2) {
    const [x, y] = [root(memberOf[end]!), root(memberOf[end + 1]!)]
    if (x !== y) parent[Math.max(x, y)] = Math.min(x, y)
  }
  return parent.map((_, each) => root(each))
}

// Groups of duplicates: the rows that chains of pairs hold together.
import { compareKeys, GrowingKeys, type KeyColumn } from './keys.ts'
import type { Pairs } from './pairs.ts'
import { chunkRows } from './read-positions.ts'

/** Ends of pairs that are held at once, about 25 bytes each, before those that a group doesn't need are let go. */
const mostEnds = 1 << 21

/**
 * The rows that occur in pairs, with the number and size of their group: the connected components of the pairs. Groups are
 * numbered from 1 by their lowest key, and rows come by group and key, so that every road gives the same. Memory is bounded
 * by the rows in groups, not by the pairs.
 */
export async function* groupsOf(batches: AsyncIterable<Pairs>, most = mostEnds): AsyncGenerator<Pairs> {
  let ends = new GrowingKeys(chunkRows)
  let [count, limit] = [0, most]
  for await (const { aKeys, bKeys, aRow, bRow, count: pairs } of batches) {
    for (let i = 0; i < pairs; i++) {
      ends.add(aKeys, aRow[i]!)
      ends.add(bKeys, bRow[i]!)
    }
    count += 2 * pairs
    if (count <= limit) continue
    const links = linksOf(ends.columns, count)
    ends = links.ends
    count = links.count
    limit = Math.max(most, 2 * count)
  }
  const keys = ends.columns
  const { members, lowest } = membersOf(keys, count)
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

/** As few pairs as hold the same groups together: each member with the lowest of its group. */
function linksOf(keys: readonly KeyColumn[], count: number): { ends: GrowingKeys; count: number } {
  const { members, lowest } = membersOf(keys, count)
  const ends = new GrowingKeys(members.length)
  let links = 0
  members.forEach((end, each) => {
    if (lowest[each] === each) return
    ends.add(keys, members[lowest[each]!]!)
    ends.add(keys, end)
    links++
  })
  return { ends, count: 2 * links }
}

/** The rows of the pairs in the order of their keys, each by one of the ends that are it, and the lowest row of its group. */
function membersOf(keys: readonly KeyColumn[], count: number): { members: number[]; lowest: Int32Array } {
  const byKey = Int32Array.from({ length: count }, (_, i) => i).sort((x, y) => compareKeys(keys, x, keys, y))
  const members: number[] = []
  const memberOf = new Int32Array(count)
  for (const end of byKey) {
    if (members.length === 0 || compareKeys(keys, members.at(-1)!, keys, end) !== 0) members.push(end)
    memberOf[end] = members.length - 1
  }
  return { members, lowest: components(memberOf, members.length) }
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

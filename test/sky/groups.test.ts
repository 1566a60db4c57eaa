// Groups of pairs against colours that spread until nothing changes, however few pairs are held at once.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupsOf } from '../../src/sky/cross-match/groups.ts'
import type { Pairs } from '../../src/sky/cross-match/pairs.ts'

const column = (words: number[]) => ({ type: 'integer', words: Int32Array.from(words) }) as const

/** Batches of two pairs, whose keys stand in arrays of their own. */
async function* batches(pairs: [number, number][]): AsyncGenerator<Pairs> {
  for (let from = 0; from < pairs.length; from += 2) {
    const some = pairs.slice(from, from + 2)
    yield {
      count: some.length,
      aKeys: [column(some.map(([a]) => a))],
      bKeys: [column(some.map(([, b]) => b))],
      aRow: Int32Array.from(some, (_, i) => i),
      bRow: Int32Array.from(some, (_, i) => i),
      separation: new Float64Array(some.length),
      rank: new Int32Array(some.length),
    }
  }
}

function coloured(pairs: [number, number][]): [key: number, lowest: number][] {
  const lowest = new Map(pairs.flat().map((key) => [key, key]))
  for (let changed = true; changed; ) {
    changed = false
    for (const [a, b] of pairs) {
      const least = Math.min(lowest.get(a)!, lowest.get(b)!)
      if (lowest.get(a) === least && lowest.get(b) === least) continue
      lowest.set(a, least).set(b, least)
      changed = true
    }
  }
  return [...lowest].sort(([x], [y]) => x - y)
}

test('are the connected components, by lowest key, with their sizes', async () => {
  const key = fc.integer({ min: -20, max: 20 })
  const pair = fc.tuple(key, key).filter(([a, b]) => a !== b)
  await fc.assert(
    fc.asyncProperty(
      fc.array(pair, { maxLength: 40 }),
      fc.integer({ min: 1, max: 60 }),
      async (pairs, most) => {
        const wanted = coloured(pairs)
        const lowests = [...new Set(wanted.map(([, lowest]) => lowest))].sort((x, y) => x - y)
        const rows: number[][] = []
        for await (const { aKeys, aRow, group, count } of groupsOf(batches(pairs), most))
          for (let i = 0; i < count; i++)
            rows.push([(aKeys[0] as { words: Int32Array }).words[aRow[i]!]!, group!.id[i]!, group!.size[i]!])
        const expected = wanted.map(([each, lowest]) => [
          each,
          lowests.indexOf(lowest) + 1,
          wanted.filter(([, other]) => other === lowest).length,
        ])
        expect(rows).toEqual(expected.sort((x, y) => x[1]! - y[1]! || x[0]! - y[0]!))
      },
    ),
  )
})

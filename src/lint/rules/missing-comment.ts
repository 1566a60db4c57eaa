// A table, view or column that some migration makes and none describes.
import type { Placed, Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  end: ({ tables }) =>
    [...tables].flatMap(([name, { kind, columns, comments }]): Placed[] => {
      // What a migration sets aside for its way back is nobody's to read.
      if (name.startsWith('almagest_')) return []
      const silent = [...columns.keys()].filter((column) => !comments.has(column))
      return [
        ...(comments.has('') ? [] : [without(`${kind} ${name}`)]),
        ...silent.map((column) => without(`column ${name}.${column}`)),
      ]
    }),
}

function without(object: string): Placed {
  return {
    where: object,
    problem: 'no migration gives it a comment',
    remedy: 'Add COMMENT ON … IS with what it holds and in which unit.',
  }
}

// An index that another one, or a key, does the work of.
import type { Catalog } from '../../model/index.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  survey: ({ catalogs }) => catalogs.flatMap(redundantIn),
}

function redundantIn(catalog: Catalog) {
  const none: readonly string[] = []
  const keys = [
    { name: 'the primary key', columns: catalog.key, include: none, only: undefined },
    ...catalog.unique.map((columns) => ({
      name: `the key (${columns.join(', ')})`,
      columns,
      include: none,
      only: undefined,
    })),
  ]
  const indexes = Object.entries(catalog.indexes).map(([name, { btree, include, only }]) => ({
    name,
    columns: btree,
    include: include ?? none,
    only,
  }))
  return indexes.flatMap((index, i) => {
    const covers = [...keys, ...indexes].find(
      (other) =>
        other !== index &&
        other.only === index.only &&
        serves(index, other) &&
        index.columns.every((column, at) => other.columns[at] === column) &&
        // Of two equal ones the later is too many.
        (other.columns.length > index.columns.length ||
          !indexes.slice(i).includes(other as (typeof indexes)[number])),
    )
    return covers
      ? [
          {
            where: `${catalog.name}.indexes.${index.name}`,
            problem: `${covers.name} begins with the same columns (${index.columns.join(', ')}) and serves the same queries`,
            remedy: 'Drop it: each index costs space and time with every row that is loaded.',
          },
        ]
      : []
  })
}

/** An index with columns beside the sorted ones is too large to stand for one without; its own must be there. */
function serves(index: { include: readonly string[] }, other: typeof index & { columns: readonly string[] }) {
  if (index.include.length === 0) return other.include.length === 0
  return index.include.every((column) => other.columns.includes(column) || other.include.includes(column))
}

// An index that another one, or a key, does the work of.
import type { Catalog } from '../../model/index.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  survey: ({ catalogs }) => catalogs.flatMap(redundantIn),
}

function redundantIn(catalog: Catalog) {
  const keys = [
    { name: 'the primary key', columns: catalog.key, only: undefined },
    ...catalog.unique.map((columns) => ({
      name: `the key (${columns.join(', ')})`,
      columns,
      only: undefined,
    })),
  ]
  const indexes = Object.entries(catalog.indexes).map(([name, { btree, only }]) => ({
    name,
    columns: btree,
    only,
  }))
  return indexes.flatMap((index, i) => {
    const covers = [...keys, ...indexes].find(
      (other) =>
        other !== index &&
        other.only === index.only &&
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

// What is wrong with the partitions of a table, and with those within them.
import type { Catalog } from './catalog.ts'
import { columnListFaults, type Fault, identifierFaults } from './fault.ts'

export function partitionFaults(
  { partition, key, unique }: Pick<Catalog, 'partition' | 'key' | 'unique'>,
  names: readonly string[],
  path = 'partition',
  above: readonly string[] = [],
): Fault[] {
  if (!partition) return []
  const faults = columnListFaults(`${path}.column`, [partition.column], names)
  const add = (part: string, problem: string) => faults.push({ path: `${path}.${part}`, problem })
  if (above.includes(partition.column)) add('column', `"${partition.column}" divides it already`)
  for (const list of [key, ...unique])
    if (!list.includes(partition.column))
      add(
        'column',
        `the key (${list.join(', ')}) must name "${partition.column}", or it could not be checked across partitions`,
      )
  if (
    partition.by === 'hash' &&
    !(Number.isInteger(partition.parts) && partition.parts >= 2 && partition.parts <= 1024)
  )
    add('parts', `${partition.parts} is not a whole number from 2 to 1024`)
  if (partition.by === 'range') {
    const { bounds } = partition
    if (bounds.length === 0) add('bounds', 'no bound: there would be one partition')
    if (bounds.some((each, i) => !Number.isFinite(each) || (i > 0 && each <= bounds[i - 1]!)))
      add('bounds', 'bounds are finite numbers that increase')
  }
  if (partition.by === 'list') {
    const values = Object.values(partition.values).flat()
    if (values.length === 0 || Object.values(partition.values).some((list) => list.length === 0))
      add('values', 'a partition without a value')
    if (new Set(values).size < values.length) add('values', 'a value stands in two partitions')
    for (const name of Object.keys(partition.values)) {
      faults.push(...identifierFaults(`${path}.values.${name}`, name))
      if (name === 'others')
        add(`values.${name}`, '"others" is the name of the partition for all other values')
    }
  }
  if (!partition.within) return faults
  const deeper = { partition: partition.within, key, unique }
  return [...faults, ...partitionFaults(deeper, names, `${path}.within`, [...above, partition.column])]
}

// Blocks of rows: the values of each column by its name, zero where nothing is said about it.
import type { MockColumn, MockHdu, MockValues } from '../../../src/model/index.ts'
import type { BadRow } from './bad-rows.ts'
import type { MockGalaxies } from './galaxies.ts'
import { healpixNested } from './sky.ts'
import { targetIds } from './target-ids.ts'

/** What the values of the galaxy files are made from. */
export interface Mock {
  readonly galaxies: MockGalaxies
  readonly bad: ReadonlyMap<number, BadRow>
  readonly seed: number
}

/** The galaxies [from, to) of the mock. */
export interface Block {
  readonly mock: Mock
  readonly from: number
  readonly to: number
}

/** Values of the columns that are not all zero. */
export type Filled = Readonly<Record<string, MockValues>>

/** An HDU of a galaxy file that holds the galaxies from `first` on. */
export function galaxyHdu(
  name: string,
  columns: readonly MockColumn[],
  mock: Mock,
  [first, end]: readonly [number, number],
  fill: (block: Block) => Filled,
): MockHdu {
  return {
    name,
    cards: [
      ['SPECPROD', 'iron'],
      ['SURVEY', 'main'],
      ['PROGRAM', 'bright'],
    ],
    columns,
    rowCount: end - first,
    values(from, to) {
      const filled = fill({ mock, from: first + from, to: first + to })
      const zero = zeros(to - from)
      return columns.map((column) => filled[column.name] ?? zero(column.tform))
    },
  }
}

/** One array of zeros (false, empty text) for all columns of a format. */
function zeros(rows: number): (tform: string) => MockValues {
  const made = new Map<string, MockValues>()
  return (tform) => {
    const known = made.get(tform)
    if (known) return known
    const values = zeroValues(tform, rows)
    made.set(tform, values)
    return values
  }
}

const falseByte = 'F'.charCodeAt(0)

function zeroValues(tform: string, rows: number): MockValues {
  const repeat = Number.parseInt(tform, 10) || 1
  switch (tform.at(-1)) {
    case 'A':
      return new Array<string>(rows).fill('')
    case 'K':
      return new BigInt64Array(rows * repeat)
    case 'J':
      return new Int32Array(rows * repeat)
    case 'D':
      return new Float64Array(rows * repeat)
    case 'L':
      return new Uint8Array(rows * repeat).fill(falseByte)
    case 'B':
      return new Uint8Array(rows * repeat)
    default:
      return new Float32Array(rows * repeat)
  }
}

/** A number of each row of the block, by the galaxy's index in the mock and in the block. */
export function float32Of({ from, to }: Block, value: (galaxy: number, i: number) => number): Float32Array {
  const values = new Float32Array(to - from)
  for (let i = 0; i < values.length; i++) values[i] = value(from + i, i)
  return values
}

export function textOf({ from, to }: Block, value: (galaxy: number) => string): string[] {
  return Array.from({ length: to - from }, (_, i) => value(from + i))
}

/** Identification that every HDU of a galaxy file repeats. */
export function identification(block: Block): Filled {
  const { galaxies } = block.mock
  const healpix = Int32Array.from({ length: block.to - block.from }, (_, i) => {
    const galaxy = block.from + i
    return healpixNested(64, galaxies.ra[galaxy]!, galaxies.dec[galaxy]!)
  })
  return {
    TARGETID: targetIds(Int32Array.from(healpix, (_, i) => block.from + i)),
    SURVEY: textOf(block, () => 'main'),
    PROGRAM: textOf(block, () => 'bright'),
    HEALPIX: healpix,
  }
}

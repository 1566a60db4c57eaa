// Mutated FITS files: seeds with everything the reader knows, mutations, and the reading of all that is in a file.
import {
  asciiLayout,
  bufferSource,
  decodeAsciiColumn,
  decodeColumn,
  decodeHeapColumn,
  describeFile,
  FitsError,
  type FitsFile,
  type Hdu,
  openFits,
  packArrays,
  packRows,
  readImage,
  rowBlocks,
  storedValues,
  tableLayout,
  verifyChecksums,
  writeFits,
} from '../../src/fits/index.ts'
import { data, header, primary } from './build.ts'

/** Reproducible numbers from 0 to below 1 (the mulberry32 generator). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

async function written(...tables: Parameters<typeof writeFits>[1][]): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  const sink = {
    write: async (bytes: Uint8Array) => void pieces.push(Uint8Array.from(bytes)),
  }
  for (const table of tables)
    await writeFits(sink, table, { primary: [['ESO DET NAME', 'x', 'hierarchical']] })
  return Buffer.concat(pieces)
}

function everyType(): Promise<Buffer> {
  const arrays = packArrays({ name: 'P', tform: '1PJ' }, [
    Int32Array.of(1, 2, 3),
    Int32Array.of(4),
    Int32Array.of(),
  ])
  const long = packArrays(
    { name: 'Q', tform: '1QD' },
    [Float64Array.of(1), Float64Array.of(2, 3), Float64Array.of(4)],
    16,
  )
  const columns = [
    { name: 'L', tform: 'L', values: [true, false, null] },
    { name: 'X', tform: '11X', values: Uint8Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'B', tform: 'B', values: Uint8Array.of(1, 2, 3), scale: 0.5, zero: 3 },
    { name: 'I', tform: '2I', values: Int16Array.of(1, 2, 3, 4, 5, 6), null: 3 },
    { name: 'J', tform: '6J', values: new Int32Array(18), dim: [3, 2] },
    { name: 'K', tform: 'K', values: BigUint64Array.of(1n, 2n, 3n), zero: 2n ** 63n },
    { name: 'A', tform: '7A', values: ['one', 'two', 'three'] },
    {
      name: 'E',
      tform: 'E',
      values: Float32Array.of(1, Number.NaN, 3),
      unit: 'deg',
      description: 'an angle',
    },
    { name: 'D', tform: 'D', values: Float64Array.of(1, 2, 3) },
    { name: 'C', tform: 'C', values: Float32Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'M', tform: 'M', values: Float64Array.of(1, 2, 3, 4, 5, 6) },
    { name: 'P', tform: '1PJ(3)', values: arrays.values },
    { name: 'Q', tform: '1QD(2)', values: long.values },
  ]
  const heap = Buffer.concat([arrays.heap, long.heap])
  return written([{ name: 'EVERY', columns, rowCount: 3, rows: [packRows(columns, 0, 3)], heap }])
}

function textAndImage(): Buffer {
  const rows = ['  1 2.50 abc', ' 22-.5E1   x', '333        y'].join('')
  const ascii = header(
    "XTENSION= 'TABLE   '",
    'BITPIX  = 8',
    'NAXIS   = 2',
    'NAXIS1  = 12',
    'NAXIS2  = 3',
    'PCOUNT  = 0',
    'GCOUNT  = 1',
    'TFIELDS = 3',
    "EXTNAME = 'TEXT'",
    ...['I3', 'F5.2', 'A4'].flatMap((tform, i) => [
      `TFORM${i + 1}  = '${tform}'`,
      `TBCOL${i + 1}  = ${[1, 4, 9][i]}`,
      `TNULL${i + 1}  = '333'`,
    ]),
    "LONGTEXT= 'a text that goes on &'",
    "CONTINUE  'in the next card' / comment",
    'EMPTY   =',
  )
  const image = header(
    "XTENSION= 'IMAGE   '",
    'BITPIX  = 16',
    'NAXIS   = 2',
    'NAXIS1  = 3',
    'NAXIS2  = 2',
    'PCOUNT  = 0',
    'GCOUNT  = 1',
    'BZERO   = 32768',
    "EXTNAME = 'IMAGE'",
  )
  return Buffer.concat([primary(), ascii, data(Buffer.from(rows), 32), image, data(Buffer.alloc(12, 7))])
}

/** The files that mutations start from. */
export const seedFiles = async (): Promise<Buffer[]> => [await everyType(), textAndImage()]

const values = [
  ...['0', '-1', '1', '2', '3', '8', '16', '-32', '64', '999', '1000', '2147483648', '-9223372036854775808'],
  ...[
    '1000000000000000',
    '9007199254740993',
    '1E400',
    '-0.0',
    '1.5',
    'T',
    'F',
    '',
    "''",
    "'",
    "'T'",
    "'BINTABLE'",
  ],
  ...[
    "'TABLE'",
    "'IMAGE'",
    "'1PJ(3)'",
    "'QA'",
    "'0J'",
    "'999999999999X'",
    "'1000000D'",
    "'D'",
    "'40A4'",
    "'Z'",
  ],
  ...[
    "'(2,3)'",
    "'(0,9)'",
    "'(999999999999)'",
    "'(1,1,1,1,1,1,1,1)'",
    "'I9'",
    "'E30.20'",
    '(1,2)',
    '&',
    "'x&'",
  ],
]
const keywords = [
  ...[
    'NAXIS',
    'NAXIS1',
    'NAXIS2',
    'NAXIS3',
    'BITPIX',
    'PCOUNT',
    'GCOUNT',
    'TFIELDS',
    'THEAP',
    'GROUPS',
    'ZTABLE',
  ],
  ...[
    'TFORM1',
    'TFORM5',
    'TFORM12',
    'TDIM1',
    'TDIM5',
    'TDIM7',
    'TSCAL3',
    'TZERO4',
    'TZERO6',
    'TNULL4',
    'TBCOL1',
  ],
  ...[
    'TTYPE1',
    'TTYPE2',
    'EXTNAME',
    'EXTVER',
    'XTENSION',
    'SIMPLE',
    'BZERO',
    'BSCALE',
    'BLANK',
    'CONTINUE',
    'END',
  ],
]

/** A mutated copy: one to four changes to bytes, cards, length or order. */
export function mutate(seed: Buffer, random: () => number): Buffer {
  let bytes: Buffer = Buffer.from(seed)
  for (let n = 1 + Math.floor(random() * 4); n > 0 && bytes.length >= 80; n--) bytes = changed(bytes, random)
  return bytes
}

function changed(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length)
  const card = Math.min(Math.floor(at / 80), Math.floor(bytes.length / 80) - 1) * 80
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  switch (Math.floor(random() * 9)) {
    case 0:
      bytes[at] = Math.floor(random() * 256)
      return bytes
    case 1:
      bytes[at]! ^= 1 << Math.floor(random() * 8)
      return bytes
    case 2:
    case 3:
      bytes.write(
        pick(values)
          .padEnd(70)
          .slice(0, bytes.length - card - 10),
        card + 10,
        'latin1',
      )
      return bytes
    case 4:
    case 5:
      bytes.write(`${pick(keywords).padEnd(8)}= ${pick(values).padEnd(60)}`, card, 'latin1')
      return bytes
    case 6:
      return bytes.subarray(0, random() < 0.5 ? at : Math.floor(at / 2880) * 2880)
    case 7:
      return Buffer.concat([bytes.subarray(0, card), bytes.subarray(card + 80)])
    default:
      bytes.copy(bytes, card, Math.floor((random() * bytes.length) / 80) * 80, bytes.length)
      return bytes
  }
}

/** Rows read of a table that claims many. */
const mostRows = 500

/** Reads all that is in a file; answers the codes of the faults met. Anything but a FitsError escapes. */
export async function readEverything(bytes: Uint8Array): Promise<string[]> {
  const codes: string[] = []
  const guarded = async (work: () => unknown) => {
    try {
      await work()
    } catch (fault) {
      if (!(fault instanceof FitsError)) throw fault
      codes.push(fault.code)
    }
  }
  await guarded(async () => {
    const file = await openFits(bufferSource('mutated.fits', bytes))
    await guarded(() => describeFile(file))
    await guarded(() => verifyChecksums(file))
    for (const hdu of file.hdus) await readHdu(file, hdu, guarded)
    await file.close()
  })
  return codes
}

type Guard = (work: () => unknown) => Promise<void>

async function readHdu(file: FitsFile, hdu: Hdu, guarded: Guard): Promise<void> {
  if (hdu.kind === 'image') return guarded(() => readImage(file, hdu))
  if (hdu.kind === 'table') return guarded(() => readText(file, hdu, guarded))
  await guarded(() => readTable(file, hdu, guarded))
}

async function readTable(file: FitsFile, hdu: Hdu, guarded: Guard): Promise<void> {
  const layout = tableLayout(file, hdu)
  for await (const block of rowBlocks(file, layout, { to: Math.min(mostRows, layout.rowCount) })) {
    for (const column of layout.columns) {
      await guarded(() => storedValues(layout, column, block))
      await guarded(() =>
        column.heap ? decodeHeapColumn(file, layout, column, block) : decodeColumn(layout, column, block),
      )
    }
  }
}

async function readText(file: FitsFile, hdu: Hdu, guarded: Guard): Promise<void> {
  const layout = asciiLayout(file, hdu)
  for await (const block of rowBlocks(file, layout, { to: Math.min(mostRows, layout.rowCount) })) {
    for (const column of layout.columns) await guarded(() => decodeAsciiColumn(layout, column, block))
  }
}

export interface FuzzReport {
  mutations: number
  /** Files in which nothing was at fault. */
  clean: number
  codes: Record<string, number>
  slowestMs: number
}

/** Reads `count` mutated files; throws at the first fault that is no FitsError, with the seed that makes it. */
export async function fuzz(count: number, seed: number, each?: (done: number) => void): Promise<FuzzReport> {
  const seeds = await seedFiles()
  const report: FuzzReport = { mutations: count, clean: 0, codes: {}, slowestMs: 0 }
  for (let i = 0; i < count; i++) {
    const bytes = mutate(seeds[i % seeds.length]!, randomFrom(seed + i))
    const start = performance.now()
    const codes = await readEverything(bytes).catch((cause) => {
      throw new Error(`mutation ${i} of seed ${seed} gave ${cause}`, { cause })
    })
    report.slowestMs = Math.max(report.slowestMs, performance.now() - start)
    if (codes.length === 0) report.clean++
    for (const code of codes) report.codes[code] = (report.codes[code] ?? 0) + 1
    each?.(i + 1)
  }
  return report
}

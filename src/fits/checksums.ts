// DATASUM and CHECKSUM of every HDU, computed anew and compared with what the headers state (section 4.4.2.7).
import type { FitsFile, Hdu } from './file.ts'
import { hduLabel } from './file.ts'
import { blockBytes } from './header.ts'
import { addSums, OnesComplementSum } from './sum.ts'

export type ChecksumState = 'absent' | 'ok' | 'wrong'

export interface HduChecksums {
  readonly index: number
  readonly hdu: string
  /** Sum of the data alone. */
  readonly datasum: ChecksumState
  /** Sum of header and data. */
  readonly checksum: ChecksumState
  /** DATASUM as the header states it, and as the data gives it. */
  readonly stated?: string
  readonly computed: string
}

const pieceBytes = 4 * 2 ** 20

/** Reads the whole file once, in pieces, and compares. A missing final padding counts as zeros. */
export async function verifyChecksums(file: FitsFile): Promise<HduChecksums[]> {
  const results: HduChecksums[] = []
  for (const hdu of file.hdus) results.push(await verifyHdu(file, hdu))
  return results
}

async function verifyHdu(file: FitsFile, hdu: Hdu): Promise<HduChecksums> {
  const dataEnd = hdu.dataStart + Math.ceil(hdu.dataSize / blockBytes) * blockBytes
  const header = await sumOf(file, hdu.headerStart, hdu.dataStart)
  const data = await sumOf(file, hdu.dataStart, Math.min(dataEnd, file.size))
  const whole = addSums(header, data)
  const stated = hdu.header.card('DATASUM')?.value
  const text = stated === undefined || stated === null ? '' : String(stated).trim()
  const checksum = hdu.header.card('CHECKSUM')?.value
  return {
    index: hdu.index,
    hdu: hduLabel(hdu),
    datasum: text === '' ? 'absent' : Number(text) === data ? 'ok' : 'wrong',
    checksum: !checksum ? 'absent' : whole === 0xffffffff || whole === 0 ? 'ok' : 'wrong',
    ...(text === '' ? {} : { stated: text }),
    computed: String(data),
  }
}

async function sumOf(file: FitsFile, from: number, to: number): Promise<number> {
  const sum = new OnesComplementSum()
  for (let at = from; at < to; at += pieceBytes) {
    sum.add(await file.source.read(at, Math.min(at + pieceBytes, to)))
  }
  return sum.value
}

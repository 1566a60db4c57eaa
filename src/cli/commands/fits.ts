// `almagest fits`: what is inside a FITS file, its first rows, and whether its checksums hold.
import { Command } from 'commander'
import {
  describeFile,
  type FileDescription,
  type FitsFile,
  fileSource,
  type Hdu,
  headRows,
  httpSource,
  openFits,
  verifyChecksums,
} from '../../fits/index.ts'
import { AlmagestError, exitCodes } from '../../model/index.ts'
import { type CommonOptions, jsonOption, print } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { count, table } from '../report.ts'

export function fitsCommand(): Command {
  const fits = new Command('fits').description('look into FITS files')
  fits.addCommand(infoCommand())
  fits.addCommand(headCommand())
  fits.addCommand(verifyCommand())
  return fits
}

function infoCommand(): Command {
  const command = jsonOption(new Command('info'))
    .description('list the HDUs and their columns')
    .argument('<file>')
  return command.action(async (path: string, options: CommonOptions) => {
    const described = await withFile(path, async (file) => describeFile(file))
    print({ value: described, text: infoText(described) }, options)
  })
}

function headCommand(): Command {
  const command = jsonOption(new Command('head'))
    .description('print the first rows of a table')
    .argument('<file>')
    .option('--hdu <name>', 'name of the HDU, or its index as #N (default: the first table)')
    .option('--rows <number>', 'how many rows', wholeNumber('--rows', 1, 10_000), 5)
  return command.action(async (path: string, options: CommonOptions & { hdu?: string; rows: number }) => {
    const head = await withFile(path, async (file) =>
      headRows(file, chooseHdu(file, options.hdu), options.rows),
    )
    const text = table(
      head.columns,
      head.rows.map((row) => row.map(showCell)),
    )
    print({ value: head, text }, options)
  })
}

function verifyCommand(): Command {
  const command = jsonOption(new Command('verify'))
    .description('read the whole file and compare CHECKSUM and DATASUM')
    .argument('<file>')
  return command.action(async (path: string, options: CommonOptions) => {
    const hdus = await withFile(path, async (file) => verifyChecksums(file))
    const text = table(
      ['HDU', 'name', 'DATASUM', 'CHECKSUM'],
      hdus.map((each) => [each.index, each.hdu, each.datasum, each.checksum]),
    )
    print({ value: hdus, text }, options)
    if (hdus.some((each) => each.datasum === 'wrong' || each.checksum === 'wrong'))
      process.exitCode = exitCodes.data
  })
}

async function withFile<T>(path: string, work: (file: FitsFile) => Promise<T>): Promise<T> {
  const file = await openFits(await (/^https?:/.test(path) ? httpSource(path) : fileSource(path)))
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

function chooseHdu(file: FitsFile, asked: string | undefined): Hdu {
  const numbered = /^#(\d+)$/.exec(asked ?? '')?.[1]
  if (asked !== undefined && numbered === undefined) return file.hdu(asked)
  const chosen =
    numbered === undefined
      ? file.hdus.find((each) => each.kind === 'bintable' || each.kind === 'table')
      : file.hdus[Number(numbered)]
  if (chosen) return chosen
  throw new AlmagestError(
    'FITS_HDU_MISSING',
    'data',
    numbered === undefined
      ? `${file.name} holds no table`
      : `${file.name} has HDUs #0 to #${file.hdus.length - 1}, no #${numbered}`,
    'Run `almagest fits info` to see what the file holds.',
    { file: file.name },
  )
}

function infoText({ name, size, trailingBytes, hdus }: FileDescription): string {
  const summary = table(
    ['HDU', 'name', 'kind', 'rows', 'columns', 'shape', 'cards', 'bytes'],
    hdus.map((hdu) => [
      hdu.index,
      hdu.name,
      hdu.kind,
      hdu.rows === undefined ? '' : count(hdu.rows),
      hdu.columns?.length ?? '',
      hdu.columns ? '' : hdu.axes.join(' x '),
      hdu.cards,
      count(hdu.dataBytes),
    ]),
  )
  const tables = hdus.filter((hdu) => hdu.columns?.length)
  const columns = tables.map(
    (hdu) =>
      `\n${hdu.name || `HDU ${hdu.index}`}\n${table(
        ['column', 'TFORM', 'unit', 'TDIM'],
        hdu.columns!.map((each) => [each.name, each.tform, each.unit ?? '', each.dim?.join(', ') ?? '']),
      )}`,
  )
  const faults = hdus.flatMap((hdu) =>
    hdu.fault ? [`HDU ${hdu.index} ${hdu.name}: ${hdu.fault.message}`] : [],
  )
  const trailing = trailingBytes > 0 ? [`${count(trailingBytes)} bytes follow the last HDU`] : []
  return [`${name}  ${count(size)} bytes`, summary, ...columns, ...trailing, ...faults].join('\n')
}

function showCell(cell: unknown): string {
  if (Array.isArray(cell) || ArrayBuffer.isView(cell))
    return `[${Array.from(cell as ArrayLike<unknown>, showCell).join(' ')}]`
  return cell === null ? '' : String(cell)
}

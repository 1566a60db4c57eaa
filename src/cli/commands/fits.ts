// `almagest fits`: what is inside a FITS file, its first rows, and whether its checksums hold.
import { Command } from 'commander'
import {
  describeFile,
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
import { headJson, headText, infoText } from '../fits-text.ts'
import { wholeNumber } from '../numbers.ts'
import { table } from '../report.ts'

interface HeadOptions extends CommonOptions {
  hdu?: string
  rows: number
  columns?: string
}

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
    .argument('<file>', 'path, or http(s) address of a server with range requests')
    .option('--cards', 'also list the cards of every header')
  return command.action(async (path: string, options: CommonOptions & { cards?: boolean }) => {
    const described = await withFile(path, async (file) => describeFile(file, options))
    print({ value: described, text: infoText(described) }, options)
  })
}

function headCommand(): Command {
  const command = jsonOption(new Command('head'))
    .description('print the first rows of a table; one of many columns is printed a column a line')
    .argument('<file>', 'path, or http(s) address of a server with range requests')
    .option('--hdu <name>', 'name of the HDU, NAME,VERSION, or its index as #N (default: the first table)')
    .option('--rows <number>', 'how many rows', wholeNumber('--rows', 1, 10_000), 5)
    .option('--columns <names>', 'columns separated by commas (default: all)')
  return command.action(async (path: string, options: HeadOptions) => {
    const names = options.columns?.split(',').map((name) => name.trim())
    const head = await withFile(path, async (file) =>
      headRows(file, chooseHdu(file, options.hdu), options.rows, names),
    )
    print({ value: headJson(head), text: headText(head) }, options)
  })
}

function verifyCommand(): Command {
  const command = jsonOption(new Command('verify'))
    .description('read the whole file and compare CHECKSUM and DATASUM (exit code 3 where one is wrong)')
    .argument('<file>', 'path, or http(s) address of a server with range requests')
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
  const [, named, version] = /^(.+),(\d+)$/.exec(asked ?? '') ?? []
  if (named !== undefined) return file.hdu(named, Number(version))
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

// `almagest export`: a table as a file for other programs.
import { Command, Option } from 'commander'
import {
  type ExportFormatName,
  type ExportOptions,
  exportCatalog,
  exportFormats,
} from '../../export/index.ts'
import type { Catalog } from '../../model/index.ts'
import type { Archive } from '../archive.ts'
import {
  type CommonOptions,
  collect,
  databaseOptions,
  openArchiveFor,
  print,
  progressOf,
} from '../context.ts'
import { invalid } from '../numbers.ts'
import { count, seconds } from '../report.ts'
import { catalogNamed, findSurveys } from '../surveys.ts'

interface ExportCommandOptions extends CommonOptions {
  out: string
  format?: ExportFormatName
  columns?: string
  only: string[]
  unordered?: boolean
  overwrite?: boolean
}

export function exportCommand(): Command {
  const command = databaseOptions(new Command('export'))
    .description('write a table as FITS, VOTable, Parquet, ECSV or CSV, with units, UCDs and descriptions')
    .argument('<catalogue>', 'table, with or without its schema')
    .requiredOption('--out <file>', 'file to write, or - for standard output')
    .addOption(
      new Option('--format <name>', "format (default: by the ending of the file's name)").choices(
        Object.keys(exportFormats),
      ),
    )
    .option('--columns <names>', 'columns separated by commas (default: all)')
    .option('--only <selection>', 'a selection that the catalogue declares, may be repeated', collect, [])
    .option('--unordered', 'rows as the server has them, not in the order of the key')
    .option('--overwrite', 'replace an existing file')
  return command.action(async (name: string, options: ExportCommandOptions) => {
    const catalog = catalogNamed(await findSurveys(options.catalogs), name)
    const toStandardOutput = options.out === '-'
    if (toStandardOutput && options.json)
      throw invalid('--out', '-', 'the name of a file together with --json')
    const progress = progressOf(options)
    await using archive = await openArchiveFor(options, progress)
    const report = await exportUntilInterrupted(archive, catalog, {
      ...exportOptions(options),
      out: toStandardOutput ? { write: writeToStandardOutput } : options.out,
    })
    const { rows, bytes } = report
    const text = `${count(rows)} rows, ${count(bytes)} bytes in ${report.file ?? '-'} (${report.format}, ${seconds(report.seconds)})`
    if (toStandardOutput) progress.say(text)
    else print({ value: report, text }, options)
  })
}

function exportOptions({ format, columns, only, unordered, overwrite = false }: ExportCommandOptions) {
  return {
    ...(format === undefined ? {} : { format }),
    ...(columns === undefined ? {} : { columns: columns.split(',').map((each) => each.trim()) }),
    only,
    order: unordered ? ('none' as const) : ('key' as const),
    overwrite,
  }
}

/** An interrupt ends the export and leaves nothing under the name of the output. */
async function exportUntilInterrupted({ client }: Archive, catalog: Catalog, options: ExportOptions) {
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await exportCatalog(client, catalog, { ...options, signal: interrupt.signal })
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** Waits for a slow reader; the buffer is the reader's own afterwards, so it gets a copy. */
function writeToStandardOutput(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(Uint8Array.from(bytes), (error) => (error ? reject(error) : resolve()))
  })
}

// `almagest fetch`: the files of a survey's release.
import { Command } from 'commander'
import {
  type FetchReport,
  fetchError,
  fetchRelease,
  type ReleaseFile,
  releaseFiles,
} from '../../fetch/index.ts'
import type { Release, Survey } from '../../model/index.ts'
import { type CommonOptions, collect, jsonOption, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { count, seconds, table } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'

interface FetchCommandOptions extends CommonOptions {
  out: string
  files?: string
  jobs: number
  baseUrl?: string
  replace?: boolean
  unverified?: boolean
  list?: boolean
}

export function fetchCommand(): Command {
  const command = jsonOption(new Command('fetch'))
    .description("download a survey's release: resumable, in parallel, every file compared with its checksum")
    .argument('<survey>', 'name of a survey that has a release')
    .option('--out <folder>', 'folder to fetch into', '.')
    .option('--files <pattern>', 'only files whose names fit, * for any characters, e.g. "DESIVAST*"')
    .option('--jobs <number>', 'connections at once', wholeNumber('--jobs', 1, 64), 4)
    .option('--base-url <address>', "address of a mirror in the place of the release's own")
    .option('--replace', 'replace files of other content')
    .option('--unverified', 'take files that the release states no checksum for, with their length checked')
    .option('--list', 'only tell the files and their sizes')
    .option('--catalogs <folder>', 'another folder of catalogues, may be repeated', collect, [])
  return command.action(async (name: string, options: FetchCommandOptions) => {
    const release = releaseOf(surveyNamed(await findSurveys(options.catalogs), name))
    if (options.list) {
      const files = releaseFiles(release, options.files, options.baseUrl)
      print({ value: files, text: listText(files) }, options)
      return
    }
    const report = await fetchUntilInterrupted(release, options)
    print({ value: report, text: fetchText(report) }, options)
  })
}

function releaseOf({ name, release }: Survey): Release {
  if (release) return release
  throw fetchError('FETCH_NO_RELEASE', `survey "${name}" declares no release`, { value: name })
}

/** An interrupt keeps what has arrived, for the next run. */
async function fetchUntilInterrupted(release: Release, options: FetchCommandOptions): Promise<FetchReport> {
  const { files, baseUrl, jobs, replace = false, unverified = false } = options
  const progress = progressOf(options)
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await fetchRelease(release, options.out, {
      ...(files === undefined ? {} : { files }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      jobs,
      replace,
      unverified,
      signal: interrupt.signal,
      onProgress: (bytes, total) => progress.step('fetching', bytes, total),
    })
  } finally {
    progress.end()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

function listText(files: readonly ReleaseFile[]): string {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const rows = files.map(({ name, bytes, url }) => [name, count(bytes), url])
  return `${table(['file', 'bytes', 'address'], rows)}\n${count(files.length)} files, ${count(total)} bytes`
}

function fetchText({ files, bytes, received, folder, ...report }: FetchReport): string {
  const rows = files.map((each) => [
    each.file,
    each.outcome,
    count(each.bytes),
    count(each.received),
    each.verified ? 'SHA-256' : 'length only',
  ])
  const total = `${count(files.length)} files, ${count(bytes)} bytes in ${folder}, ${count(received)} of them received in ${seconds(report.seconds)}`
  return `${table(['file', 'outcome', 'bytes', 'received', 'checked by'], rows)}\n${total}`
}

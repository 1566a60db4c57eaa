// A mapping in a process of its own, whose memory is nothing else's: `voids-child.ts SURVEY URL` tells time and memory.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import desi from '../catalogs/desi-dr1/index.ts'
import sdss from '../catalogs/sdss-dr7-voids/index.ts'
import type { Survey } from '../src/model/index.ts'
import { connect } from '../src/postgres/index.ts'
import { mapVoids } from '../src/voids/index.ts'

export interface Mapped {
  readonly seconds: number
  /** Resident memory at most, 10^6 bytes. */
  readonly megabytes: number
  readonly rows: Readonly<Record<'map' | 'details' | 'environments' | 'spheres' | 'zoneVoids', number>>
}

const path = fileURLToPath(import.meta.url)

/** Maps a survey of a database; the start of the process doesn't count. */
export function mapInChild(survey: Survey, url: string): Mapped {
  const words = ['--import', 'tsx', path, survey.name, url]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Mapped
}

if (process.argv[1] === path) {
  const [name, url] = process.argv.slice(2)
  await using client = await connect(url!)
  const started = performance.now()
  const { rows } = await mapVoids(client, [desi, sdss].find((survey) => survey.name === name)!)
  const seconds = (performance.now() - started) / 1000
  // The unit of maxRSS is 1024 bytes.
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6
  console.log(JSON.stringify({ seconds, rows, megabytes } satisfies Mapped))
}

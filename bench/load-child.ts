// Loads files in a process of its own and tells time and memory as JSON: `load-child.ts URL narrow|desi|wide JOBS FILE...`.
import { readFileSync } from 'node:fs'
import desi from '../catalogs/desi-dr1/index.ts'
import { loadFiles } from '../src/load/index.ts'
import { growthSurvey } from './load-growth-survey.ts'
import { wideSurvey } from './load-wide-survey.ts'

const [url = '', name = '', jobs, ...paths] = process.argv.slice(2)
const survey = name === 'wide' ? (await wideSurvey(paths[0]!)).survey : name === 'desi' ? desi : growthSurvey
const { rowsLoaded, seconds } = await loadFiles(url, [survey], paths, { jobs: Number(jobs) })
// Linux: the rusage of a process begins with what its parent held when it was started.
const kibibytes = Number(/VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1])
const memory = (kibibytes * 1024) / 1e6
console.log(JSON.stringify({ rowsLoaded, seconds, memory }))

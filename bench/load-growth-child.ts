// Loads one narrow file and tells time and memory as JSON: `load-growth-child.ts URL FILE`.
import { loadFiles } from '../src/load/index.ts'
import { growthSurvey } from './load-growth-survey.ts'

const [url = '', path = ''] = process.argv.slice(2)
const { seconds } = await loadFiles(url, [growthSurvey], [path])
console.log(JSON.stringify({ seconds, memory: process.resourceUsage().maxRSS / 1e3 }))

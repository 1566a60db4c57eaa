// A process that loads files of the sample survey, to be killed: `loading-child.ts URL FILE...`; a line per step.
import { loadFiles } from '../../src/load/index.ts'
import { sample } from './sample.ts'

const [url = '', ...paths] = process.argv.slice(2)
await loadFiles(url, [sample], paths, {
  onProgress: ({ file, rows }) => process.stdout.write(`${file} ${rows}\n`),
})

// A process that stages files and publishes them, to be killed: `publishing-child.ts URL FILE...`; a line per step.
import { loadFiles, publishStaged, stagedFiles } from '../../src/load/index.ts'
import { connect } from '../../src/postgres/index.ts'
import { gated } from './gated.ts'

const [url = '', ...paths] = process.argv.slice(2)
const tell = (line: string) => process.stdout.write(`${line}\n`)

await loadFiles(url, [gated], paths, {
  stage: true,
  jobs: 2,
  onProgress: ({ file }) => tell(`staging ${file}`),
})
await using client = await connect(url)
tell('staged')
const names = (await stagedFiles(client, gated)).map(({ name }) => name)
await publishStaged(client, gated, {
  names,
  gate: async (inside) => {
    tell('gate')
    await inside.query('SELECT pg_sleep(0.3)')
    return undefined
  },
})
tell('published')

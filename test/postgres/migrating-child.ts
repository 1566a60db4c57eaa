// A process that migrates up and down until it is killed: `migrating-child.ts URL FOLDER`; a line per step.
import { connect, migrateTo } from '../../src/postgres/index.ts'
import { v5 } from './migrating-survey.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const [url = '', folder = ''] = process.argv.slice(2)
await using client = await connect(url)
for (;;) {
  for (const version of ['last', '0001']) {
    await migrateTo(client, v5, plain, folder, version, {
      verifiedBackup: 'scratch',
      onStep: (line) => process.stdout.write(`${line}\n`),
    })
  }
}

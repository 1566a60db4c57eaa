// How long readers and writers wait while a table under them is migrated: `tsx bench/migrate-blocking.ts [rows]`.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  byServer,
  type Catalog,
  defineCatalog,
  defineSurvey,
  float32,
  float64,
  int64,
  type Survey,
  text,
} from '../src/model/index.ts'
import {
  connect,
  makePlan,
  migrateTo,
  printPlan,
  startEmbedded,
  stopEmbedded,
  writeNewMigrations,
} from '../src/postgres/index.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const clients = 4
const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const by = byServer('bench')
const id = int64(by, 'Identifier.')
const survey = (version: string, definition: object): Survey =>
  defineSurvey({
    name: 'busy',
    title: 'Busy',
    schema: 'busy',
    version,
    catalogs: [
      defineCatalog({
        name: 'busy.galaxies',
        title: `Busy ${version}`,
        key: ['id'],
        ...definition,
      } as never) as unknown as Catalog,
    ],
  })

const before = survey('1', {
  columns: {
    id,
    z: float64(by, 'Redshift.'),
    flux: float32(by, 'Flux.'),
    kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG'] }),
    av: float32(by, 'Attenuation.'),
  },
})
/** Everything that is done without a rewrite: columns, vocabulary, NOT NULL, key, indexes, a rename, comments. */
const after = survey('2', {
  columns: {
    id,
    z: float64(by, 'Redshift.', { required: true, unit: 'deg' }),
    flux: float32(by, 'Flux.', { default: '0' }),
    kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG', 'ELG'], required: true }),
    tauv: float32(by, 'Optical depth.', { renamed: 'av' }),
    mass: float64(by, 'Mass.', { default: '1' }),
  },
  unique: [['id', 'kind']],
  indexes: { by_z: { btree: ['z'] }, by_flux: { btree: ['flux', 'z'] } },
})

const root = mkdtempSync(join(tmpdir(), 'almagest-busy-'))
// As root the server runs as another user, who must get to its folder.
chmodSync(root, 0o755)
const [home, folder] = [join(root, 'home'), join(root, 'migrations')]
const server = await startEmbedded({ home })
const url = server.connectionUrl
const client = await connect(url)
try {
  await writeNewMigrations(url, choose, before, folder, 'first')
  await writeNewMigrations(url, choose, after, folder, 'second')
  await migrateTo(client, before, plain, folder, '0001')
  await client.query(
    `INSERT INTO busy.galaxies SELECT i, random(), random(), 'BGS', 0 FROM generate_series(1, ${rows}) i`,
  )
  await client.query('ANALYZE busy.galaxies')
  console.log(printPlan(await makePlan(client, after, plain)))
  const noise = await longestWaits(() => new Promise((end) => setTimeout(end, 8000)))
  let ups = 0
  const during = await longestWaits(async () => {
    const started = performance.now()
    await migrateTo(client, after, plain, folder, 'last', {
      onStep: (line) => console.log(`  ${line}`),
    })
    await migrateTo(client, after, plain, folder, '0001', {
      verifiedBackup: 'bench',
      onStep: (line) => console.log(`  ${line}`),
    })
    ups = performance.now() - started
  })
  console.log(`rows ${rows}, clients ${clients}, up and down in ${(ups / 1000).toFixed(1)} s`)
  console.log(`longest wait without migration ${noise.longest.toFixed(0)} ms of ${noise.done} statements`)
  console.log(`longest wait during migration  ${during.longest.toFixed(0)} ms of ${during.done} statements`)
} finally {
  await client.end()
  await stopEmbedded({ home })
  rmSync(root, { recursive: true, force: true })
}

/** The longest statement of clients that read and write at full rate while `work` runs. */
async function longestWaits(work: () => Promise<unknown>): Promise<{ longest: number; done: number }> {
  let going = true
  let longest = 0
  let done = 0
  const loop = async (client: number) => {
    await using connection = await connect(url)
    while (going) {
      const started = performance.now()
      const row = 1 + Math.floor(Math.random() * rows)
      if (client % 2) await connection.query('UPDATE busy.galaxies SET flux = flux + 1 WHERE id = $1', [row])
      else await connection.query('SELECT id, z, kind FROM busy.galaxies WHERE id = $1', [row])
      longest = Math.max(longest, performance.now() - started)
      done++
    }
  }
  const loops = Array.from({ length: clients }, (_, client) => loop(client))
  try {
    await work()
  } finally {
    going = false
    await Promise.all(loops)
  }
  return { longest, done }
}

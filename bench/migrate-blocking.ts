// How long readers and writers at full rate wait while a table under them is migrated, one kind of change at a time.
import { join } from 'node:path'
import {
  byServer,
  type Catalog,
  type Column,
  defineCatalog,
  defineSurvey,
  float32,
  float64,
  int64,
  type Survey,
  sameColumns,
  text,
} from '../src/model/index.ts'
import {
  type Client,
  connect,
  makePlan,
  migrateTo,
  readMigrations,
  writeNewMigrations,
} from '../src/postgres/index.ts'

const clients = 4
/** Milliseconds beyond the run's own noise that nobody may wait for a change that does not announce it. */
const allowed = 200
const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const choose = async () => plain
const by = byServer('bench')

const usual = {
  id: int64(by, 'Identifier.'),
  z: float64(by, 'Redshift.'),
  flux: float32(by, 'Flux.'),
  kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG'] }),
  av: float32(by, 'Attenuation.'),
}

function catalog(columns: Record<string, Column>, more: object = {}, name = 'busy.galaxies'): Catalog {
  return defineCatalog({ name, title: 'Busy', key: ['id'], columns, ...more } as never) as unknown as Catalog
}

function survey(catalogs: readonly Catalog[], more: Partial<Survey> = {}): Survey {
  return defineSurvey({ name: 'busy', title: 'Busy', schema: 'busy', version: '1', catalogs, ...more })
}

const start = survey([catalog(usual, { indexes: { by_kind: { btree: ['kind'] } } })])
const keep = { indexes: { by_kind: { btree: ['kind'] } } }
const { av, ...withoutAv } = usual
const filled = catalog({ ...usual, tauv: float32(by, 'Depth.', { backfill: 'av / 1.0857' }) }, keep)

const kinds: Record<string, Survey> = {
  'add a column with a default': survey([
    catalog({ ...usual, mass: float64(by, 'Mass.', { default: '1' }) }, keep),
  ]),
  'rename a column': survey([catalog({ ...withoutAv, tauv: { ...av, renamed: 'av' } }, keep)]),
  'drop a column, values kept': survey([catalog(withoutAv, keep)]),
  'require a column': survey([catalog({ ...usual, z: float64(by, 'Redshift.', { required: true }) }, keep)]),
  'widen a vocabulary': survey([
    catalog({ ...usual, kind: text(by, 'Kind.', { oneOf: ['BGS', 'LRG', 'ELG'] }) }, keep),
  ]),
  'add a unique key': survey([catalog(usual, { ...keep, unique: [['id', 'kind']] })]),
  'add an index': survey([catalog(usual, { indexes: { ...keep.indexes, by_z: { btree: ['z'] } } })]),
  'drop an index': survey([catalog(usual)]),
  'add a table that refers to it': survey([
    catalog(usual, keep),
    catalog(
      { id: usual.id },
      { foreignKeys: [{ columns: ['id'], references: 'busy.galaxies', key: ['id'] }] },
      'busy.notes',
    ),
  ]),
  'add a column filled from another, publish it': survey([filled], {
    published: [
      {
        name: 'busy_v1',
        title: 'V1',
        readers: [],
        views: { galaxies: { title: 'G', from: filled, columns: sameColumns(filled) } },
      },
    ],
  }),
  'change a comment': survey([catalog({ ...usual, z: float64(by, 'Redshift of the fit.') }, keep)]),
  'divide it into partitions': survey([
    catalog(usual, { ...keep, partition: { by: 'hash', column: 'id', parts: 4 } }),
  ]),
  'change a type': survey([catalog({ ...usual, flux: float64(by, 'Flux.') }, keep)]),
}

interface Waits {
  readonly longest: number
  readonly done: number
}

/** @returns the section's text, one line per kind of change, up and down */
export async function blocking(url: string, scratch: string, rows: number): Promise<string> {
  await using client = await connect(url)
  await writeNewMigrations(url, choose, start, join(scratch, 'base'), 'first')
  await migrateTo(client, start, plain, join(scratch, 'base'), 'last')
  await client.query(
    `INSERT INTO busy.galaxies SELECT i, random(), random(), 'BGS', 0.5 FROM generate_series(1, ${rows}) i`,
  )
  await client.query('VACUUM ANALYZE busy.galaxies')
  const lines: string[] = []
  for (const [name, goal] of Object.entries(kinds))
    lines.push(await one(client, url, scratch, rows, name, goal))
  return [
    '### Who waits',
    '',
    `${clients} clients read and write a table of ${rows.toLocaleString('en-US')} rows at full rate. The longest that any statement took: over 3 s without a migration, while it went up, and down again. At most ${allowed} ms more than without is promised for a way that neither the plan nor the manifest announces as blocking.`,
    '',
    '| change | without | up | down | kept up | kept down |',
    '| --- | ---: | ---: | ---: | --- | --- |',
    ...lines,
  ].join('\n')
}

async function one(
  client: Client,
  url: string,
  scratch: string,
  rows: number,
  name: string,
  goal: Survey,
): Promise<string> {
  const folder = join(scratch, name.replaceAll(/\W+/g, '_'))
  await writeNewMigrations(url, choose, start, folder, 'first')
  await writeNewMigrations(url, choose, goal, folder, 'second')
  const { changes } = await makePlan(client, goal, plain)
  const steps = readMigrations(folder).slice(1)
  const announced = {
    up: changes.some(({ blocks }) => blocks),
    down: steps.some(({ blocks }) => blocks.down.length > 0),
  }
  const go = (version: string) => migrateTo(client, goal, plain, folder, version, { verifiedBackup: 'bench' })
  const without = await longestWaits(url, rows, () => new Promise((end) => setTimeout(end, 3000)))
  const up = await longestWaits(url, rows, () => go('last'))
  const down = await longestWaits(url, rows, () => go('0001'))
  const kept = (way: 'up' | 'down', { longest }: Waits) =>
    announced[way] ? 'announced' : longest <= without.longest + allowed ? 'yes' : '**no**'
  const ms = ({ longest }: Waits) => `${longest.toFixed(0)} ms`
  return `| ${name} | ${ms(without)} | ${ms(up)} | ${ms(down)} | ${kept('up', up)} | ${kept('down', down)} |`
}

/** The longest statement of clients that read and write while `work` runs, and a moment after it. */
async function longestWaits(url: string, rows: number, work: () => Promise<unknown>): Promise<Waits> {
  let going = true
  let longest = 0
  let done = 0
  const loop = async (client: number) => {
    await using connection = await connect(url)
    while (going) {
      const row = 1 + Math.floor(Math.random() * rows)
      const started = performance.now()
      if (client % 2) await connection.query('UPDATE busy.galaxies SET flux = flux + 1 WHERE id = $1', [row])
      else await connection.query('SELECT id, z, kind FROM busy.galaxies WHERE id = $1', [row])
      longest = Math.max(longest, performance.now() - started)
      done++
    }
  }
  const loops = Array.from({ length: clients }, (_, client) => loop(client))
  try {
    await new Promise((end) => setTimeout(end, 200))
    await work()
  } finally {
    going = false
    await Promise.all(loops)
  }
  return { longest, done }
}

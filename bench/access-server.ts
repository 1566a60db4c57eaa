// A server with pgAudit of its own for the benchmarks of access and audit, with a survey that has something to guard.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyAccess, parseLab } from '../src/access/index.ts'
import { applyAudit } from '../src/audit/index.ts'
import { ensureLedger } from '../src/load/index.ts'
import {
  defineCatalog,
  defineSurvey,
  fileNumber,
  float64,
  fromHdu,
  int32,
  int64,
  text,
} from '../src/model/index.ts'
import { serverAccount } from '../src/postgres/backends/embedded/account.ts'
import { haltCluster, initCluster, launchCluster, owner } from '../src/postgres/backends/embedded/cluster.ts'
import { partsOf } from '../src/postgres/backends/embedded/home.ts'
import { choosePort } from '../src/postgres/backends/embedded/port.ts'
import { defaultSettings } from '../src/postgres/backends/embedded/settings.ts'
import { applySurvey, type Client, connect } from '../src/postgres/index.ts'

const targets = defineCatalog({
  name: 'bench.targets',
  title: 'Targets',
  columns: {
    ...fromHdu('T', {
      targetid: int64('TARGETID', 'Target.'),
      survey: text('SURVEY', 'Survey.'),
      z: float64('Z', 'Redshift.'),
      mass: float64('MASS', 'Stellar mass.'),
      note: text('NOTE', 'Remarks.', { sensitivity: 'restricted' }),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['targetid'],
  selections: { early: (c) => [c.survey.equals('sv3')] },
  layouts: { one: { files: 'targets-*.fits', hdus: ['T'] } },
})

const lines = defineCatalog({
  name: 'bench.lines',
  title: 'Lines',
  columns: {
    ...fromHdu('L', {
      line: int64('LINE', 'Line.'),
      targetid: int64('TARGETID', 'Target.', { required: true }),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['line'],
  foreignKeys: [{ columns: ['targetid'], references: 'bench.targets', key: ['targetid'] }],
  layouts: { one: { files: 'lines-*.fits', hdus: ['L'] } },
})

const survey = defineSurvey({
  name: 'bench',
  title: 'A survey to measure',
  schema: 'bench',
  version: '1',
  catalogs: [targets, lines],
  embargoes: [
    {
      name: 'validation',
      title: 'Validation',
      catalog: targets,
      only: 'early',
      until: '2999-01-01',
      readers: [],
    },
  ],
})

const lab = parseLab('{"prefix": "lab"}', 'lab.json')

export interface GuardedServer {
  readonly bin: string
  readonly url: string
  readonly client: Client
  stop(): Promise<void>
}

/** Starts Debian's PostgreSQL with pgAudit, fills the table, and applies access and audit. */
export async function guardedServer(rows: number): Promise<GuardedServer> {
  const bin = pgauditBin()
  const folder = mkdtempSync(join(tmpdir(), 'almagest-bench-access-'))
  // As root the server runs as another user, who must get to its folder.
  chmodSync(folder, 0o755)
  const parts = { ...partsOf(join(folder, 'cluster')), bin, account: serverAccount() }
  const end = async () => {
    await haltCluster(parts.data)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await initCluster(bin, parts.account, parts.instance, 'bench', false)
    const port = await choosePort(undefined, 26433)
    await launchCluster(parts, {
      ...defaultSettings(port),
      shared_preload_libraries: 'pgaudit',
      logging_collector: 'on',
      log_destination: 'jsonlog',
      // Neither side is to pay for work that the other left behind.
      autovacuum: 'off',
    })
    const url = `postgresql://${owner}:bench@127.0.0.1:${port}/postgres`
    const client = await connect(url)
    await applySurvey(client, survey, {
      name: 'none',
      install: [],
      indexOn: () => 'USING btree ("ra", "dec")',
    })
    await ensureLedger(client)
    await client.query(`INSERT INTO bench.targets SELECT i, CASE WHEN i % 20 = 0 THEN 'sv3' ELSE 'main' END, random(), 10 + random(), 'note ' || i, 1
      FROM generate_series(1, ${rows}) i`)
    await client.query('VACUUM ANALYZE bench.targets')
    await applyAccess(client, lab, [survey])
    await applyAudit(client, lab)
    return { bin, url, client, stop: async () => client.end().then(end) }
  } catch (error) {
    await end()
    throw error
  }
}

function pgauditBin(): string {
  const root = '/usr/lib/postgresql'
  const version = (existsSync(root) ? readdirSync(root) : []).find((each) =>
    existsSync(`/usr/share/postgresql/${each}/extension/pgaudit.control`),
  )
  if (!version)
    throw new Error("This needs Debian's PostgreSQL with pgAudit (postgresql-15-pgaudit or -17-pgaudit).")
  return `${root}/${version}/bin`
}

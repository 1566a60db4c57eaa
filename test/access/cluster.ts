// Clusters of their own for tests of access: roles belong to a whole server, and these tests make and spoil them.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inject } from 'vitest'
import { applyAccess } from '../../src/access/index.ts'
import { ensureLedger } from '../../src/load/ledger-ddl.ts'
import { ensureStaging } from '../../src/load/staging-tables.ts'
import { serverAccount } from '../../src/postgres/backends/embedded/account.ts'
import {
  haltCluster,
  initCluster,
  launchCluster,
  owner,
} from '../../src/postgres/backends/embedded/cluster.ts'
import { partsOf } from '../../src/postgres/backends/embedded/home.ts'
import { choosePort } from '../../src/postgres/backends/embedded/port.ts'
import { defaultSettings } from '../../src/postgres/backends/embedded/settings.ts'
import { applySurvey, type Client, connect, startEmbedded, stopEmbedded } from '../../src/postgres/index.ts'
import { publishRelease } from '../../src/release/index.ts'
import { scratchSettings } from '../postgres/scratch-servers.ts'
import { guarded, lab, noSky, rows } from './survey.ts'

export interface OwnCluster {
  url: string
  client: Client
  /** Where its files are; the log is `server.log` or what the settings say. */
  folder: string
  stop(): Promise<void>
}

/** The embedded PostgreSQL, alone. */
export async function embeddedCluster(settings: Record<string, string> = {}): Promise<OwnCluster> {
  const which = { home: inject('scratchFolder'), instance: `access-${randomBytes(3).toString('hex')}` }
  const server = await startEmbedded({ ...which, settings: { ...scratchSettings, ...settings } })
  const client = await connect(server)
  const stop = async () => {
    await client.end()
    await stopEmbedded(which)
  }
  return {
    url: server.connectionUrl,
    client,
    folder: join(which.home, 'instances', which.instance),
    stop,
  }
}

/** Debian's PostgreSQL, alone. */
export async function debianCluster(bin: string, settings: Record<string, string> = {}): Promise<OwnCluster> {
  const folder = join(inject('scratchFolder'), 'instances', `access-debian-${randomBytes(3).toString('hex')}`)
  const account = serverAccount()
  await initCluster(bin, account, folder, 'scratch', false)
  const port = await choosePort(undefined, 25433 + (process.pid % 20_000))
  await launchCluster(
    { ...partsOf(folder), bin, account },
    { ...defaultSettings(port), ...scratchSettings, ...settings },
  )
  const url = `postgresql://${owner}:scratch@127.0.0.1:${port}/postgres`
  const client = await connect(url)
  const stop = async () => {
    await client.end()
    await haltCluster(partsOf(folder).data)
  }
  return { url, client, folder, stop }
}

/** The guarded survey with its rows, a release, staging, the loader's ledger, and access as declared. */
export async function buildGuarded({ client }: OwnCluster): Promise<void> {
  await applySurvey(client, guarded, noSky)
  await ensureLedger(client)
  await client.query(rows)
  await applyAccess(client, lab, [guarded])
  await ensureStaging(client, guarded, guarded.catalogs)
  await publishRelease(client, guarded, 'r1', noSky)
  await applyAccess(client, lab, [guarded])
}

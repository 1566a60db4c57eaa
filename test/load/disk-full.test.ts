// A disk that fills up during a load: a typed error, nothing of the file in the table, and the load goes on once there is room.
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadFiles, readLedger } from '../../src/load/index.ts'
import { applySurvey, type Client, connect, startEmbedded, stopEmbedded } from '../../src/postgres/index.ts'
import { needs } from '../require.ts'
import { plainSky } from './archive.ts'
import { sample, temporaryFolder, writeObjects } from './sample.ts'

needs('small-disk')('a full disk', () => {
  const rows = 60_000
  const files = temporaryFolder()
  const folder = mkdtempSync(join(tmpdir(), 'almagest-disk-'))
  const home = join(folder, 'home')
  const disk = join(folder, 'disk')
  let url: string
  let client: Client
  const mount = (...options: string[]) =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', disk])

  beforeAll(async () => {
    // The server runs as another user, who must get to both.
    chmodSync(folder, 0o755)
    mkdirSync(disk)
    mount('size=2m')
    ;({ connectionUrl: url } = await startEmbedded({ home }))
    client = await connect(url)
    const { uid, gid } = statSync(join(home, 'instances/main/data'))
    chownSync(disk, uid, gid)
    await applySurvey(client, sample, plainSky)
    await client.query(`CREATE TABLESPACE small LOCATION '${disk}'`)
    await client.query('ALTER TABLE loader_sample.objects SET TABLESPACE small')
  })
  afterAll(async () => {
    await client?.end()
    await stopEmbedded({ home })
    execFileSync('umount', [disk])
    rmSync(folder, { recursive: true })
    files.remove()
  })

  test('ends the load, which is whole when there is room again', async () => {
    const id = Array.from({ length: rows }, (_, row) => row)
    const path = await writeObjects(files.path('sample-north.fits'), { id })
    const load = () => loadFiles(url, [sample], [path])
    const count = async () =>
      (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM loader_sample.objects')).rows[0]!.n
    await expect(load()).rejects.toMatchObject({
      code: 'DISK_FULL',
      kind: 'environment',
      place: { file: path },
    })
    expect(await count()).toBe(0)
    expect(await readLedger(client)).toMatchObject([{ state: 'failed', error: { code: 'DISK_FULL' } }])
    mount('remount', 'size=64m')
    expect(await load()).toMatchObject({ rowsRead: rows, rowsLoaded: rows })
    expect(await count()).toBe(rows)
  })
})

// The server's settings: sized to the machine for loading catalogues, durable, closed to the network.
import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** Bytes of memory that the process may use: the machine's, or a container's limit when that is lower. */
export function usableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/**
 * Settings of an embedded server. Durability stays at PostgreSQL's defaults.
 * @param memory  bytes the machine has; rules of thumb of the PostgreSQL manual (20.4), with caps, as the
 *   machine has other work too
 * @param sharedMemoryDisk  bytes of /dev/shm, where parallel queries exchange rows; containers often have 64 MiB
 */
export function defaultSettings(
  port: number,
  memory = usableMemory(),
  sharedMemoryDisk = diskSize('/dev/shm'),
): Record<string, string> {
  const share = (part: number, least: number, most: number) =>
    `${Math.round(Math.min(Math.max(memory * part, least), most) / mebibyte)}MB`
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: share(0.25, 64 * mebibyte, 2 * gibibyte),
    effective_cache_size: share(0.6, 128 * mebibyte, 64 * gibibyte),
    maintenance_work_mem: share(1 / 16, 64 * mebibyte, gibibyte),
    work_mem: share(1 / 256, 8 * mebibyte, 64 * mebibyte),
    // A load writes more log than the default of 1 GB between checkpoints, which then follow one another.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_buffers: '16MB',
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(sharedMemoryDisk < gibibyte && { dynamic_shared_memory_type: 'sysv' }),
  }
}

/** The settings as a configuration file. */
export function settingsFile(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  const head =
    '# Rewritten at each start. For settings of your own: ALTER SYSTEM SET, which wins over this file.'
  return `${[head, ...lines].join('\n')}\n`
}

function diskSize(path: string): number {
  try {
    const { bsize, blocks } = statfsSync(path)
    return bsize * blocks
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

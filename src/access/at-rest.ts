// Whether the server's files lie on an encrypted device, where that can be seen from here.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Client, Row } from '../postgres/index.ts'
import { serverFilesHere } from './server-files.ts'

/**
 * Looks for dm-crypt (LUKS) below the data folder and its tablespaces.
 * @returns undefined where all of it is on encrypted devices, otherwise what could not be seen or is not encrypted
 */
export async function atRest(client: Client): Promise<string | undefined> {
  const files = await serverFilesHere(client)
  if (!files) return 'the server’s files are not on this machine, or not readable from here'
  const { rows } = await client.query<{ path: string } & Row>(
    "SELECT pg_tablespace_location(oid) AS path FROM pg_tablespace WHERE pg_tablespace_location(oid) <> ''",
  )
  const clear = [files.data, ...rows.map(({ path }) => path)].filter((path) => !onEncryptedDevice(path))
  if (clear.length === 0) return undefined
  return `no dm-crypt device is seen below ${clear.join(', ')}; a disk that encrypts itself does not show it`
}

/** @param sysfs  where the kernel tells about devices */
export function onEncryptedDevice(path: string, sysfs = '/sys/dev/block'): boolean {
  // Major and minor number as Linux packs them into st_dev (gnu_dev_major, gnu_dev_minor of glibc).
  const device = BigInt(statSync(path).dev)
  const major = (device >> 8n) & 0xfffn
  const minor = (device & 0xffn) | ((device >> 12n) & 0xfff00n)
  return encrypted(join(sysfs, `${major}:${minor}`))
}

/** A dm-crypt device, or one whose every part is: a volume of LVM upon LUKS. */
function encrypted(device: string): boolean {
  const uuid = join(device, 'dm', 'uuid')
  if (existsSync(uuid) && readFileSync(uuid, 'utf8').startsWith('CRYPT-')) return true
  const slaves = join(device, 'slaves')
  const parts = existsSync(slaves) ? readdirSync(slaves) : []
  return parts.length > 0 && parts.every((part) => encrypted(join(slaves, part)))
}

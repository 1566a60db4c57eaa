// The server's log files, read through the server itself from where the ledger says the last reading ended.
import { createHash } from 'node:crypto'
import type { Client, Row } from '../postgres/index.ts'
import { append } from './ledger.ts'
import { LogReading } from './log-lines.ts'

const pieceBytes = 4 << 20
/** A file is known again by its beginning: names of rotated logs come back. */
const startBytes = 512

/** What an entry of the kind `log` says of the piece it stands for. */
interface Piece {
  readonly file: string
  readonly from: number
  readonly to: number
  /** SHA-256 of the piece's bytes, and of the first bytes of the file with their number. */
  readonly sha256: string
  readonly start: string
  readonly startBytes: number
}

export interface LogTotals {
  files: number
  bytes: number
  entries: number
}

/** Takes over whatever the JSON logs hold that is new, a piece in each transaction: each line once, and no line not. */
export async function readLogs(client: Client, database: string): Promise<LogTotals> {
  const { rows } = await client.query<LogFile & Row>(
    `SELECT name, size, current_setting('log_directory') || '/' || name AS path FROM pg_ls_logdir() WHERE name LIKE '%.json' ORDER BY modification, name`,
  )
  const zones = await zoneOffsets(client)
  const totals: LogTotals = { files: 0, bytes: 0, entries: 0 }
  for (const file of rows) {
    let read = false
    for (;;) {
      const piece = await client.transaction(() => readPiece(client, file, new LogReading(database, zones)))
      if (!piece) break
      read = true
      totals.bytes += piece.bytes
      totals.entries += piece.entries
    }
    if (read) totals.files++
  }
  return totals
}

interface LogFile {
  readonly name: string
  readonly path: string
  readonly size: bigint
}

/** Seconds that the abbreviations of time zones stand for: the log writes its times with one. */
async function zoneOffsets(client: Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ abbrev: string; seconds: number } & Row>(
    'SELECT abbrev, extract(epoch FROM utc_offset)::float8 AS seconds FROM pg_timezone_abbrevs',
  )
  return new Map(rows.map(({ abbrev, seconds }) => [abbrev, seconds]))
}

async function readPiece(
  client: Client,
  { name: file, path, size }: LogFile,
  reading: LogReading,
): Promise<{ bytes: number; entries: number } | undefined> {
  // One reader at a time; writers of the inbox are not in its way.
  await client.query('LOCK TABLE almagest_audit.inbox IN SHARE UPDATE EXCLUSIVE MODE')
  const { rows } = await client.query<{ content: Piece } & Row>(
    `SELECT content FROM almagest_audit.event WHERE kind = 'log' AND content ->> 'file' = $1 ORDER BY seq DESC LIMIT 1`,
    [file],
  )
  const last = rows[0]?.content
  const start = await bytesOf(client, path, 0, last?.startBytes || startBytes)
  if (start === undefined) return undefined
  const same = last !== undefined && sha256(start) === last.start
  const shorter = same && size < BigInt(last.to)
  const from = !same ? 0 : shorter ? Number(size) : last.to
  const lost = !last || (same && !shorter) ? undefined : shorter ? 'it was cut' : 'another file has its name'
  const gap =
    lost === undefined
      ? []
      : [
          {
            kind: 'gap',
            content: { source: 'log', object: file, before: `read to byte ${last?.to}`, after: lost },
          },
        ]
  let length = pieceBytes
  let bytes = await bytesOf(client, path, from, length)
  // A line that is longer than a piece.
  while (bytes?.length === length && !bytes.includes(10)) {
    length *= 2
    bytes = await bytesOf(client, path, from, length)
  }
  // A line that is still being written is left for the next time.
  const end = (bytes?.lastIndexOf(10) ?? -1) + 1
  if (!bytes || (end === 0 && !shorter)) return undefined
  const piece = bytes.subarray(0, end)
  for (const line of piece.toString('utf8').split('\n')) reading.take(line)
  const entries = reading.finish()
  const known = last && same ? last.startBytes : Math.min(startBytes, from + end)
  const stands: Piece = {
    file,
    from,
    to: from + end,
    sha256: sha256(piece),
    start: sha256(start.subarray(0, known)),
    startBytes: known,
  }
  await append(client, [
    ...gap,
    ...entries,
    { kind: 'log', content: { source: 'log', object: file, ...stands } },
  ])
  return { bytes: end, entries: entries.length }
}

/** @returns undefined when the file is gone, or ends before `from` */
async function bytesOf(
  client: Client,
  path: string,
  from: number,
  length: number,
): Promise<Buffer | undefined> {
  const { rows } = await client.query<{ bytes: Buffer | null } & Row>(
    'SELECT pg_read_binary_file($1, $2, $3, true) AS bytes',
    [path, from, length],
  )
  const bytes = rows[0]!.bytes
  return bytes === null ? undefined : bytes
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

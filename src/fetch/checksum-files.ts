// Checksum files as `sha256sum` writes them: which SHA-256 each file of a folder has.
import { fetchError } from './errors.ts'
import { type RequestOptions, request } from './request.ts'
import { persistently, type RetryOptions } from './retry.ts'

/** A checksum file of a release is a few kilobytes; what is much larger is something else. */
const mostBytes = 16 << 20

/**
 * SHA-256 in hexadecimal by file name.
 * @throws AlmagestError `FETCH_CHECKSUMS_MISSING`, `FETCH_HTTP_FAILED`, `FETCH_INTERRUPTED`
 */
export async function readChecksums(
  url: string,
  options: RequestOptions & RetryOptions,
): Promise<ReadonlyMap<string, string>> {
  const text = await persistently(url, options, () => wholeText(url, options)).catch((fault) => {
    if ((fault as { code?: string }).code !== 'FETCH_FILE_MISSING') throw fault
    throw fetchError(
      'FETCH_CHECKSUMS_MISSING',
      `There is no checksum file at ${url}`,
      { file: url },
      { cause: fault },
    )
  })
  const checksums = parseChecksums(text)
  if (checksums.size > 0) return checksums
  throw fetchError('FETCH_CHECKSUMS_MISSING', `${url} has no line of the form that sha256sum writes`, {
    file: url,
  })
}

/** Lines of 64 hexadecimal digits, a blank, a blank or asterisk, and a name; folders before the name don't count. */
export function parseChecksums(text: string): Map<string, string> {
  const lines = text.matchAll(/^([0-9a-fA-F]{64}) [ *](?:.*\/)?([^/\r\n]+)\r?$/gm)
  return new Map(Array.from(lines, ([, sum = '', name = '']) => [name, sum.toLowerCase()]))
}

async function wholeText(url: string, options: RequestOptions): Promise<string> {
  const answer = await request(url, undefined, options)
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of answer.body) {
    pieces.push(piece)
    size += piece.length
    if (size > mostBytes) {
      throw fetchError(
        'FETCH_CHECKSUMS_MISSING',
        `${url} is no checksum file: it is larger than ${mostBytes} bytes`,
        {
          file: url,
        },
      )
    }
  }
  return Buffer.concat(pieces).toString('utf8')
}

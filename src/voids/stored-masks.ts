// The footprints of a survey's database: its masks, as far as they are loaded, by finder.
import { AlmagestError, type MaskDeclaration, type VoidDeclaration } from '../model/index.ts'
import { type Client, quoteQualified, readCopy } from '../postgres/index.ts'
import { maskOf, type SkyMask } from './footprint.ts'

/** A mask, and the number in the ledger of the file it came from. */
export interface StoredMask {
  readonly mask: SkyMask
  readonly file: number | null
}

/**
 * Masks by the source whose footprint they are; a source without a loaded mask is absent.
 * @throws AlmagestError `VOIDS_MASK_INCOMPLETE` for a mask that lacks pixels or mixes resolutions
 */
export async function readMasks(
  client: Client,
  { masks }: VoidDeclaration,
): Promise<ReadonlyMap<string, StoredMask>> {
  const bySource = new Map<string, StoredMask>()
  for (const declared of masks) {
    const mask = await readMask(client, declared)
    if (mask) for (const source of declared.sources) bySource.set(source, mask)
  }
  return bySource
}

async function readMask(client: Client, { catalog, kind }: MaskDeclaration): Promise<StoredMask | undefined> {
  const { rows } = await client.query<{
    pixels: number
    low: number | null
    high: number | null
    file: number | null
  }>(
    `SELECT count(*)::float8 AS pixels, min(resolution) AS low, max(resolution) AS high, max(source_file) AS file
     FROM ${quoteQualified(catalog.name)}`,
  )
  const { pixels, low, high, file } = rows[0]!
  if (low === null) return undefined
  const expected = kind === 'ra-dec' ? 360 * 180 * low * low : 12 * low * low
  if (low !== high || pixels !== expected) throw incomplete(catalog.name, kind, pixels, low, high, expected)
  const copied = client.copyOut(
    `COPY (SELECT inside::integer FROM ${quoteQualified(catalog.name)} ORDER BY pixel) TO STDOUT (FORMAT binary)`,
  )
  const inside = new Uint8Array(pixels)
  let at = 0
  for await (const { columns } of readCopy(copied, ['integer'] as const)) {
    inside.set(columns[0].values, at)
    at += columns[0].values.length
  }
  return { mask: maskOf({ kind, pixels: inside, resolution: low }), file }
}

function incomplete(
  table: string,
  kind: string,
  pixels: number,
  low: number,
  high: number | null,
  expected: number,
): AlmagestError {
  const resolutions = low === high ? `resolution ${low}` : `resolutions ${low} to ${high}`
  return new AlmagestError(
    'VOIDS_MASK_INCOMPLETE',
    'data',
    `${table} holds ${pixels} pixels of ${resolutions}; a whole ${kind} mask has ${expected}`,
    'See almagest.load_reject for pixels that were left out, and load one whole mask.',
    { path: table },
  )
}

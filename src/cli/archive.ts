// An open archive: a server, a connection to it and its sky index; what scripts and commands start from.
import type { Catalog, Columns } from '../model/index.ts'
import {
  type Backend,
  type Client,
  connect,
  homeFolder,
  openBackend,
  type RunningServer,
} from '../postgres/index.ts'
import { type CatalogQuery, deployedSkyIndex, from, q3cExtensionFiles, type SkyIndex } from '../sky/index.ts'

export interface ArchiveOptions {
  /** Server to use; default: `DATABASE_URL`, and without it the embedded server. */
  readonly databaseUrl?: string
  /** Folder and name of the embedded server. */
  readonly home?: string
  readonly instance?: string
  readonly onProgress?: (line: string) => void
}

export interface Archive extends AsyncDisposable {
  readonly server: RunningServer
  readonly client: Client
  readonly sky: SkyIndex
  /** Starts a query on a catalogue. */
  from<C extends Columns, K extends string>(catalog: Catalog<C, K>): CatalogQuery<C, K, keyof C & string>
}

/** The server that the options or `DATABASE_URL` name, or the embedded one; not touched yet. */
export function backendOf({
  databaseUrl = process.env.DATABASE_URL,
  home,
  instance,
}: ArchiveOptions): Backend {
  return openBackend({ databaseUrl, home: homeFolder(home), instance: instance ?? 'main' })
}

/**
 * Starts the server if need be and connects.
 * ```ts
 * await using archive = await openArchive()
 * const near = archive.from(fastspecfit).within(cone({ ra: 194.95, dec: 27.98, radius: 1 })).pick('targetid', 'z')
 * console.log(near.sql().text, await near.rows(archive.client))
 * ```
 * @throws AlmagestError when the server can't be started or reached (docs/errors.md), `SKY_INDEX_UNAVAILABLE`
 */
export async function openArchive(options: ArchiveOptions = {}): Promise<Archive> {
  const server = await backendOf(options).start({
    extensionFiles: q3cExtensionFiles(),
    onProgress: options.onProgress ?? (() => {}),
  })
  const client = await connect(server)
  try {
    const sky = await deployedSkyIndex(client)
    return {
      server,
      client,
      sky,
      from: (catalog) => from(catalog, sky),
      [Symbol.asyncDispose]: () => client.end(),
    }
  } catch (error) {
    await client.end()
    throw error
  }
}

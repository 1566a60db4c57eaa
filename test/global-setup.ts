// One scratch server for the whole test run: an embedded cluster in a temporary folder, gone afterwards.
import type { TestProject } from 'vitest/node'
import {
  clearLeftovers,
  endClusters,
  endClustersAfterMe,
  makeScratchFolder,
  startScratchServer,
} from './postgres/scratch-servers.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of a superuser, or of a user who may create databases, on the server that the tests use. */
    scratchUrl: string
    /** Folder of this run for clusters; all of them are stopped and deleted at its end. */
    scratchFolder: string
  }
}

/** Starts the server, or takes the one of DATABASE_URL, and tells the tests where it is. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await clearLeftovers()
  const folder = makeScratchFolder()
  // An interrupt ends the process without the teardown that is returned below.
  endClustersAfterMe(folder)
  try {
    project.provide('scratchFolder', folder)
    project.provide('scratchUrl', process.env.DATABASE_URL || (await startScratchServer(folder)))
  } catch (error) {
    await endClusters(folder)
    throw error
  }
  return () => endClusters(folder)
}

// The proof: on a scratch database with rows, every version leads to the last and back, losing nothing.
import { AlmagestError, type Survey } from '../../model/index.ts'
import { declaredFacts, declaredFingerprint } from '../apply.ts'
import type { Client } from '../connection.ts'
import type { Fingerprint } from '../fingerprint/fingerprint.ts'
import { differences, inspectSchema } from '../inspect.ts'
import type { SkyContribution } from '../sky-contribution.ts'
import { readMigrations, stemOf } from './folder.ts'
import { rowHashes } from './row-hashes.ts'
import { migrateTo } from './run.ts'
import { type ChooseSky, withScratchDatabase } from './scratch-database.ts'
import { seedRows } from './seed.ts'

export interface Proof {
  readonly survey: string
  readonly migrations: number
  /** Pairs of versions between which the way up and down was gone. */
  readonly ways: number
  /** Rows that came back as they were, over all ways. */
  readonly rows: number
  readonly irreversible: readonly string[]
}

/**
 * Proves a folder of migrations.
 * @throws AlmagestError `PROOF_FAILED` that names the versions and what differs
 */
export async function proveMigrations(
  connectionUrl: string,
  choose: ChooseSky,
  survey: Survey,
  folder: string,
): Promise<Proof> {
  const migrations = readMigrations(folder)
  return withScratchDatabase(connectionUrl, choose, async (client, sky) => {
    let rows = 0
    for (let version = 0; version < migrations.length; version++) {
      await go(client, survey, sky, folder, version)
      rows += await thereAndBack(client, survey, sky, folder, version)
    }
    await go(client, survey, sky, folder, migrations.length)
    await compareWithDeclaration(client, survey, sky)
    return {
      survey: survey.name,
      migrations: migrations.length,
      ways: migrations.length,
      rows,
      irreversible: migrations.flatMap((each) =>
        each.irreversible.up.map((lost) => `${stemOf(each)}: ${lost}`),
      ),
    }
  })
}

async function thereAndBack(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
  folder: string,
  version: number,
): Promise<number> {
  const before = await inspectSchema(client, survey.schema)
  const counts = await seedRows(client, survey.schema, before)
  const rows = await rowHashes(client, survey.schema, before)
  for (let time = 1; time <= 2; time++) {
    await go(client, survey, sky, folder, 'last')
    await go(client, survey, sky, folder, version)
    const after = await inspectSchema(client, survey.schema)
    expectSame(`down to version ${version}`, before, after)
    const found = await rowHashes(client, survey.schema, after)
    const changed = Object.keys(rows).filter((table) => rows[table] !== found[table])
    if (changed.length > 0)
      throw failed(`the rows of ${changed.join(', ')} differ after up and down to version ${version}`)
  }
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

async function go(
  client: Client,
  survey: Survey,
  sky: SkyContribution,
  folder: string,
  version: number | 'last',
): Promise<void> {
  const goal = typeof version === 'number' ? String(version).padStart(4, '0') : version
  await migrateTo(client, survey, sky, folder, goal, { verifiedBackup: 'scratch' })
}

async function compareWithDeclaration(client: Client, survey: Survey, sky: SkyContribution): Promise<void> {
  const fresh = await declaredFingerprint(client, survey, sky)
  expectSame(
    'the last version',
    declaredFacts(fresh),
    declaredFacts(await inspectSchema(client, survey.schema)),
  )
}

function expectSame(where: string, expected: Fingerprint, found: Fingerprint): void {
  const objects = differences(expected, found).map(({ object }) => object)
  if (objects.length > 0) throw failed(`${where} differs from what it should be in: ${objects.join(', ')}`)
}

function failed(what: string): AlmagestError {
  return new AlmagestError('PROOF_FAILED', 'check', what, 'Mend the migration before it is run anywhere.')
}

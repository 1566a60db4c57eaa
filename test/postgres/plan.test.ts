// Plans between random pairs of definitions: there and back, with the rows kept; and the values that a plan prints.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AlmagestError } from '../../src/model/index.ts'
import { declaredFacts, declaredFingerprint } from '../../src/postgres/apply.ts'
import {
  declaredRenames,
  differences,
  inspectSchema,
  planChanges,
  surveyDdl,
} from '../../src/postgres/index.ts'
import {
  createPlace,
  dropPlace,
  keeping,
  keepsData,
  losses,
  restoring,
} from '../../src/postgres/migrate/keeping.ts'
import { atomicSql, changesBack } from '../../src/postgres/plan-changes.ts'
import { publishedDdl } from '../../src/postgres/published.ts'
import { type Pair, pair, surveyOf } from './model-pairs.ts'
import { readRows, seedRows, survivors } from './pair-rows.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }
const place = { schema: 'almagest_kept_pairs_0001', from: 'pairs' }
const runs = Number(process.env.ALMAGEST_PAIRS ?? 100)

let database: ScratchDatabase
beforeAll(async () => {
  database = await scratchDatabase()
})
afterAll(() => database.drop())

async function run(statements: readonly string[]): Promise<void> {
  const { client } = database
  await client.query('SET LOCAL search_path TO pairs, pg_temp')
  for (const sql of statements) {
    await client.query(sql).catch((error: Error) => {
      throw new Error(`${error.message}\nin ${sql}\nof\n${statements.join(';\n')}`)
    })
  }
}

async function thereAndBack(drawn: Pair): Promise<void> {
  const { client } = database
  await client.query('BEGIN')
  try {
    const [a, b] = [surveyOf(drawn.before), surveyOf(drawn.after)]
    const ddl = [...surveyDdl(a, plain), ...publishedDdl(a, 'pairs', (name) => name)]
    for (const { sql } of ddl) await client.query(sql)
    await seedRows(client, drawn)
    const from = await inspectSchema(client, 'pairs')
    const rows = await readRows(client, drawn.before)
    const to = await declaredFingerprint(client, b, plain)
    const planned = await planChanges(client, from, to, declaredRenames(b)).catch((error: AlmagestError) => {
      // Divided in another way and columns changed at once: two plans are asked for.
      if (error.code === 'PLAN_UNSUPPORTED' && error.message.includes('divided in another way'))
        return undefined
      throw error
    })
    fc.pre(planned !== undefined)
    expect(losses(planned.changes)).toEqual([])
    const keeps = keepsData(planned.changes)
    await run([
      ...(keeps ? [createPlace(place)] : []),
      ...atomicSql([...planned.renames, ...keeping(planned.changes, place)]),
    ])
    const reached = await inspectSchema(client, 'pairs')
    expect(differences(declaredFacts(to), declaredFacts(reached))).toEqual([])
    const found = await readRows(client, drawn.after)
    for (const [table, expected] of Object.entries(survivors(rows, drawn)))
      for (const [i, row] of expected.entries()) expect(found[table]![i]).toMatchObject(row)
    const back = restoring(changesBack(reached, planned), planned.changes, place)
    await run([...atomicSql(back), ...(keeps ? [dropPlace(place)] : [])])
    expect(differences(from, await inspectSchema(client, 'pairs'))).toEqual([])
    expect(await readRows(client, drawn.before)).toEqual(rows)
  } finally {
    await client.query('ROLLBACK')
  }
}

describe('plans between random pairs of definitions', () => {
  test(
    `lead there and back with every row, ${runs} times`,
    async () => {
      await fc.assert(fc.asyncProperty(pair, thereAndBack), { numRuns: runs, seed: 4 })
    },
    runs * 5000,
  )
})

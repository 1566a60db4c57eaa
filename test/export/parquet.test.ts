// Parquet exports read by hyparquet: exact values, row groups, and a VOTable header in the metadata.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportCatalog } from '../../src/export/index.ts'
import { archiveOf } from '../load/archive.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { type EveryRow, every, everyRows, exportFolder, fill, survey } from './every-type.ts'

describe('Parquet', () => {
  const folder = exportFolder()
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await archiveOf(survey)
  })
  afterAll(async () => {
    await database.drop()
    folder.remove()
  })

  async function exported(): Promise<ArrayBuffer> {
    const out = folder.path('every.parquet')
    await exportCatalog(database.client, every, { out, overwrite: true })
    return Uint8Array.from(readFileSync(out)).buffer
  }

  test('keeps every value exactly: NULL, NaN, -0, infinities, int64 extremes, arrays, all of Unicode', async () => {
    await fc.assert(
      fc.asyncProperty(everyRows('unicode', false), async (rows) => {
        await fill(database, rows)
        const file = await exported()
        const read = (await parquetReadObjects({ file })) as EveryRow[]
        // hyparquet gives undefined for a missing list.
        const lists = ({ es = null, ds = null, ks = null, ...row }: EveryRow) => ({ ...row, es, ds, ks })
        expect(read.map(lists)).toEqual(rows.map((row, index) => ({ id: BigInt(index + 1), dec: 0, ...row })))
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  test('carries units, UCDs and descriptions as VOParquet 1.0 has it', async () => {
    await fill(database, fc.sample(everyRows('ascii', true), 1)[0]!)
    const metadata: FileMetaData = parquetMetadata(await exported())
    const pairs = Object.fromEntries(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]),
    )
    expect(pairs['IVOA.VOTable-Parquet.version']).toBe('1.0')
    const votable = pairs['IVOA.VOTable-Parquet.content'] ?? ''
    expect(votable).toContain(
      '<FIELD ID="e" name="e" datatype="float" unit="km/s" ucd="phys.veloc"><DESCRIPTION>Single precision.',
    )
    expect(votable).not.toContain('<DATA>')
    // A required column is not marked as one that may lack values.
    const repetition = Object.fromEntries(
      metadata.schema.map(({ name, repetition_type }) => [name, repetition_type]),
    )
    expect(repetition).toMatchObject({ id: 'REQUIRED', e: 'OPTIONAL' })
  })

  test('writes large tables in several row groups, dictionaries or not', async () => {
    await database.client.query(`
      TRUNCATE export_types.every;
      INSERT INTO export_types.every (id, ra, dec, e, a)
        SELECT n, n % 360, '-0', CASE n % 3 WHEN 0 THEN '-0'::real WHEN 1 THEN 0 END, CASE n % 2 WHEN 0 THEN 'even' END
        FROM generate_series(1, 60000) n`)
    const file = await exported()
    const { row_groups, num_rows } = parquetMetadata(file)
    expect(num_rows).toBe(60_000n)
    expect(row_groups.length).toBeGreaterThan(1)
    const read = (await parquetReadObjects({ file, columns: ['id', 'dec', 'e', 'a'] })) as Record<
      string,
      unknown
    >[]
    const wrong = read.filter(({ id, dec, e, a }, index) => {
      const n = index + 1
      const single = n % 3 === 0 ? -0 : n % 3 === 1 ? 0 : null
      return !(
        id === BigInt(n) &&
        Object.is(dec, -0) &&
        Object.is(e, single) &&
        a === (n % 2 ? null : 'even')
      )
    })
    expect(wrong).toEqual([])
  })
})

// CSV exports read back by PostgreSQL: the same rows, bit by bit.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportCatalog } from '../../src/export/index.ts'
import { archiveOf } from '../load/archive.ts'
import type { ScratchDatabase } from '../postgres/scratch.ts'
import { every, everyRows, exportFolder, fill, survey } from './every-type.ts'

describe('CSV', () => {
  const folder = exportFolder()
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await archiveOf(survey)
    await database.client.query('CREATE TABLE again (LIKE export_types.every)')
  })
  afterAll(async () => {
    await database.drop()
    folder.remove()
  })

  /** The table's rows as PostgreSQL itself writes them, so that bits are compared. */
  async function binary(table: string): Promise<string> {
    const pieces: Buffer[] = []
    const sql = `COPY (SELECT * FROM ${table} ORDER BY id) TO STDOUT (FORMAT binary)`
    for await (const piece of database.client.copyOut(sql)) pieces.push(piece)
    return Buffer.concat(pieces).toString('hex')
  }

  test('comes back the same: NULL and empty text, NaN, -0, infinities, int64 extremes, arrays, line ends', async () => {
    await fc.assert(
      fc.asyncProperty(everyRows('unicode', false), async (rows) => {
        await fill(database, rows)
        const out = folder.path('every.csv')
        await exportCatalog(database.client, every, { out, overwrite: true })
        await database.client.query('TRUNCATE again')
        const copy = await database.client.copyIn('COPY again FROM STDIN (FORMAT csv, HEADER match)')
        await copy.write(readFileSync(out))
        await copy.finish()
        expect(await binary('again')).toBe(await binary('export_types.every'))
      }),
      { numRuns: 20, endOnFailure: true },
    )
  })

  test('is plain to read', async () => {
    await database.client.query(`
      TRUNCATE export_types.every;
      INSERT INTO export_types.every (id, ra, dec, k, e, d, l, a, moment, ks) VALUES
        (1, 10.5, '-0', 9223372036854775807, 0.1, 'NaN', true, 'a "b", c', '2025-03-19 12:00', '{1,NULL}'),
        (2, 1e-300, 90, NULL, '-Infinity', NULL, NULL, '', NULL, NULL)`)
    const out = folder.path('plain.csv')
    const columns = ['id', 'ra', 'dec', 'k', 'e', 'd', 'l', 'a', 'moment', 'ks']
    await exportCatalog(database.client, every, { out, columns })
    expect(readFileSync(out, 'utf8')).toBe(
      [
        'id,ra,dec,k,e,d,l,a,moment,ks',
        '1,10.5,-0.0,9223372036854775807,0.1,NaN,true,"a ""b"", c",2025-03-19T12:00:00.000000,"{1,NULL}"',
        '2,1e-300,90,,-Infinity,,,"",,',
        '',
      ].join('\n'),
    )
  })
})

// Building a survey's schema: once, again, after damage, and beside schemas that are not ours.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import {
  applySurvey,
  deployments,
  dropSurvey,
  inspectSchema,
  surveyDifferences,
} from '../../src/postgres/index.ts'
import { type ScratchDatabase, scratchDatabase } from './scratch.ts'

/** A deployment without a sky index backend of its own. */
const plain = { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' }

describe('applySurvey', () => {
  let database: ScratchDatabase
  beforeAll(async () => {
    database = await scratchDatabase()
  })
  afterAll(() => database.drop())

  test('creates every declared object, then finds nothing to do', async () => {
    const { client } = database
    const first = await applySurvey(client, sdss, plain)
    expect(first.outcome).toBe('created')
    expect(await surveyDifferences(client, sdss, plain)).toEqual([])
    const again = await applySurvey(client, sdss, plain)
    expect(again).toMatchObject({ outcome: 'unchanged', made: [] })
    expect(await deployments(client)).toMatchObject([{ name: 'sdss-dr7-voids', purpose: 'work' }])
  })

  test('writes description, unit and UCD into the comments', async () => {
    const inspected = await inspectSchema(database.client, sdss.schema)
    expect(inspected['comment on column galaxies.ra']?.definition).toMatch(
      /\[unit: deg; ucd: pos\.eq\.ra;meta\.main; range: \[0, 360\)\]$/,
    )
    expect(inspected['column vast_voids.void_id']?.definition).toBe('integer')
    expect(inspected['default of column vast_voids.void_id']?.definition).toBe(
      "nextval('vast_voids_void_id_seq'::regclass)",
    )
  })

  test('makes again what is missing: a table, an index, a comment', async () => {
    const { client } = database
    await client.query('DROP TABLE sdss_dr7_voids.void_sphere_map')
    await client.query('DROP INDEX sdss_dr7_voids.idx_galaxies_z')
    await client.query('COMMENT ON COLUMN sdss_dr7_voids.galaxies.z IS NULL')
    const mended = await applySurvey(client, sdss, plain)
    expect(mended.outcome).toBe('completed')
    expect(mended.made).toEqual(
      expect.arrayContaining([
        'table void_sphere_map',
        'index idx_galaxies_z',
        'comment on column galaxies.z',
      ]),
    )
    expect(await surveyDifferences(client, sdss, plain)).toEqual([])
  })

  test.each([
    ['ALTER TABLE sdss_dr7_voids.galaxies ALTER weight TYPE double precision', 'column galaxies.weight'],
    ['ALTER TABLE sdss_dr7_voids.galaxies ALTER ra DROP NOT NULL', 'not null of column galaxies.ra'],
    ['ALTER TABLE sdss_dr7_voids.galaxies ADD extra integer', 'column galaxies.extra'],
    [
      'ALTER TABLE sdss_dr7_voids.vast_voids DROP CONSTRAINT vast_voids_cap_check',
      'constraint vast_voids.vast_voids_cap_check',
    ],
    ['CREATE TABLE sdss_dr7_voids.notes (note text)', 'table notes'],
  ])('names what differs after %s and changes nothing', async (damage, object) => {
    await using other = await scratchDatabase()
    await applySurvey(other.client, sdss, plain)
    await other.client.query(damage)
    const before = await inspectSchema(other.client, sdss.schema)
    await expect(applySurvey(other.client, sdss, plain)).rejects.toMatchObject({
      code: 'SCHEMA_DIFFERS',
      message: expect.stringContaining(object),
    })
    expect(await inspectSchema(other.client, sdss.schema)).toEqual(before)
  })

  test('touches no schema that it did not make', async () => {
    await using other = await scratchDatabase()
    await other.client.query(
      'CREATE SCHEMA sdss_dr7_voids; CREATE TABLE sdss_dr7_voids.kept AS SELECT 1 AS one',
    )
    await expect(applySurvey(other.client, sdss, plain)).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' })
    await expect(dropSurvey(other.client, sdss)).rejects.toMatchObject({ code: 'SCHEMA_FOREIGN' })
    expect((await other.client.query('SELECT one FROM sdss_dr7_voids.kept')).rows).toEqual([{ one: 1 }])
  })
})

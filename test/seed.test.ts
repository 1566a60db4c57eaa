// The seed document's SQL, word for word: on an empty database, and on a database that Almagest has built.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import desi from '../catalogs/desi-dr1/index.ts'
import { applySurvey, type Client, type Fingerprint, inspectSchema } from '../src/postgres/index.ts'
import { chooseSkyIndex } from '../src/sky/index.ts'
import { debianQ3cServer, scratchDatabase, scratchServer } from './postgres/scratch.ts'
import { needs, sharedFolder } from './require.ts'

const servers = [
  { name: 'the embedded server (Q3C in plain SQL)', needed: 'shared', url: async () => scratchServer() },
  { name: "Debian's server (Q3C's C extension)", needed: 'debian-q3c', url: debianQ3cServer },
] as const

/** The SQL between the document's ```sql fences, untouched. */
function seedSql(): string[] {
  const text = readFileSync(`${sharedFolder}/seed/database-schemas-seed.md`, 'utf8')
  return [...text.matchAll(/```sql\n(.*?)```/gs)].map((match) => match[1]!)
}

/** Every object of the seed must be in the built schema with the same definition. */
async function seedObjects(client: Client): Promise<Fingerprint> {
  await client.query('BEGIN')
  await client.query('ALTER SCHEMA desi_analysis RENAME TO built')
  for (const block of seedSql()) await client.query(block)
  const objects = await inspectSchema(client, 'desi_analysis')
  await client.query('ROLLBACK')
  return objects
}

for (const { name, needed, url } of servers) {
  needs(needed)(`seed SQL on ${name}`, () => {
    needs('shared')('with the document at hand', () => {
      test('runs on an empty database', async () => {
        await using database = await scratchDatabase(await url())
        const blocks = seedSql()
        expect(blocks).toHaveLength(2)
        for (const block of blocks) await database.client.query(block)
        const objects = Object.keys(await inspectSchema(database.client, 'desi_analysis'))
        expect(objects.filter((each) => each.startsWith('table '))).toHaveLength(3)
        expect(objects.filter((each) => each.startsWith('index '))).toHaveLength(5)
      })

      test('runs on what Almagest has built, which holds every object of it', async () => {
        await using database = await scratchDatabase(await url())
        const { client } = database
        await applySurvey(client, desi, await chooseSkyIndex(client))
        const seed = await seedObjects(client)
        const built = await inspectSchema(client, 'desi_analysis')
        for (const [object, { definition }] of Object.entries(seed)) {
          // The one declared widening: the release has a fourth source, V2_ZOBOV.
          const expected = definition.replace("'V2_VIDE'::text]", "'V2_VIDE'::text, 'V2_ZOBOV'::text]")
          expect(built[object]?.definition, object).toBe(expected)
        }
      })

      test('its tables take the rows of ours', async () => {
        await using database = await scratchDatabase(await url())
        const { client } = database
        await applySurvey(client, desi, await chooseSkyIndex(client))
        await client.query(`INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z, logmstar)
          VALUES (39627854849247294, 150.1, 2.2, 0.1, 10.5)`)
        await client.query(`INSERT INTO desi_analysis.desivast_voids (void_catalog_source, ra_center, dec_center, radius)
          VALUES ('VoidFinder', 150, 2, 12.5)`)
        await client.query(
          'INSERT INTO desi_analysis.void_galaxy_map SELECT 39627854849247294, void_id FROM desi_analysis.desivast_voids',
        )
        await client.query('BEGIN')
        await client.query('ALTER SCHEMA desi_analysis RENAME TO built')
        for (const block of seedSql()) await client.query(block)
        for (const [table, columns] of Object.entries({
          fastspecfit_iron: 'targetid, ra, dec, z, logmstar, sfr, vdisp, age, av, dn4000, created_at',
          desivast_voids: 'void_id, void_catalog_source, ra_center, dec_center, radius, created_at',
          void_galaxy_map: 'targetid, void_id',
        })) {
          const { rowCount } = await client.query(
            `INSERT INTO desi_analysis.${table} (${columns}) SELECT ${columns} FROM built.${table}`,
          )
          expect(rowCount, table).toBe(1)
        }
        await client.query('ROLLBACK')
      })
    })
  })
}

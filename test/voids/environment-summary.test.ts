// The sums by environment against the galaxies themselves.
import { expect, test } from 'vitest'
import desi from '../../catalogs/desi-dr1/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { chooseSkyIndex } from '../../src/sky/index.ts'
import { summarise } from '../../src/voids/environment-summary.ts'
import { scratchDatabase } from '../postgres/scratch.ts'

test('sums of every finder, environment, mass and redshift are those of its galaxies', async () => {
  await using database = await scratchDatabase()
  const { client } = database
  await applySurvey(client, desi, await chooseSkyIndex(client))
  // every 13th without a mass, an SFR of 0 or none, breaks that are none, and masses on the edges of bins
  await client.query(`INSERT INTO desi_analysis.fastspecfit_iron (targetid, ra, dec, z, logmstar, sfr, dn4000)
    SELECT i, i % 360, 0, CASE WHEN i % 31 > 0 THEN (i % 100) * 0.0025 END, CASE WHEN i % 13 > 0 THEN 8 + (i % 17) * 0.25 - (i % 3) END,
      CASE i % 7 WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE (i % 11) * 0.3 END, CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN -1 ELSE 1 + (i % 9) * 0.1 END
    FROM generate_series(1, 2000) AS i`)
  await client.query(`INSERT INTO desi_analysis.galaxy_environments (targetid, voidfinder, v2_revolver, v2_vide)
    SELECT i, (ARRAY['void_interior', 'wall', 'edge', NULL])[1 + i % 4], (ARRAY['void_interior', 'wall'])[1 + i % 2], NULL
    FROM generate_series(1, 2000, 3) AS i`)
  const fill = () => client.transaction(() => summarise(client, desi.voids!))
  await fill()
  await fill() // in place of the former
  const { rows } = await client.query<{ of: string; n: bigint; d: number; cells: bigint }>(`
    WITH each AS (
      SELECT s.source, s.word, floor(4 * logmstar::float8) AS m, floor(50 * z) AS r, logmstar::float8 AS mass,
        CASE WHEN sfr > 0 THEN log(sfr::float8) END AS sfr, CASE WHEN dn4000 > 0 THEN dn4000::float8 END AS break
      FROM desi_analysis.galaxy_environments JOIN desi_analysis.fastspecfit_iron USING (targetid)
      CROSS JOIN LATERAL (VALUES ('VoidFinder', voidfinder), ('V2_REVOLVER', v2_revolver), ('V2_VIDE', v2_vide)) AS s(source, word)
      WHERE word IS NOT NULL AND logmstar IS NOT NULL AND z IS NOT NULL),
    cells AS (SELECT source, word, m, r, count(*) AS n, sum(mass) AS a, sum(mass ^ 2) AS b, count(sfr) AS c,
      coalesce(sum(sfr), 0) AS d, coalesce(sum(sfr ^ 2), 0) AS e, count(break) AS f, coalesce(sum(break), 0) AS g, coalesce(sum(break ^ 2), 0) AS h
      FROM each GROUP BY 1, 2, 3, 4)
    SELECT count(*) AS cells, sum(n)::int8 AS n, count(*) FILTER (WHERE galaxies IS DISTINCT FROM n OR with_log_sfr IS DISTINCT FROM c OR with_dn4000 IS DISTINCT FROM f)::int4 AS d,
      max(greatest(abs(sum_log_mass - a), abs(sum_log_mass_squared - b) / 100, abs(sum_log_sfr - d), abs(sum_log_sfr_squared - e), abs(sum_dn4000 - g), abs(sum_dn4000_squared - h))) < 1e-9 AS of
    FROM cells FULL JOIN desi_analysis.environment_summary
      ON (void_catalog_source, environment, mass_bin, redshift_bin) = (source, word, m, r)`)
  expect(rows[0]).toMatchObject({ d: 0, of: true })
  expect(Number(rows[0]!.cells)).toBeGreaterThan(300)
  expect(Number(rows[0]!.n)).toBeGreaterThan(900)
})

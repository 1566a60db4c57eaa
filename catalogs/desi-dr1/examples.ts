// The questions that the lab asks of DESI DR1, as SQL to run or to start from.
import type { Example } from '../../src/model/index.ts'

export const examples: readonly Example[] = [
  {
    name: 'cone',
    title: 'Galaxies within 1 degree of the Coma cluster',
    sql: `SELECT targetid, ra, dec, z, logmstar
FROM desi_analysis.fastspecfit_iron
WHERE q3c_radial_query(ra, dec, 194.95, 27.98, 1.0)`,
  },
  {
    name: 'mass-range',
    title: 'Redshifts of galaxies of 10^11.4 to 10^11.5 solar masses',
    sql: `SELECT targetid, z, logmstar
FROM desi_analysis.fastspecfit_iron
WHERE logmstar BETWEEN 11.4 AND 11.5`,
  },
  {
    name: 'void-wall',
    title: 'Mass and star formation by environment (VoidFinder), masses of 10^6 to 10^13',
    sql: `SELECT environment, sum(galaxies) AS galaxies,
  round((sum(sum_log_mass) / sum(galaxies))::numeric, 3) AS mean_logmstar,
  round((sum(sum_log_sfr) / sum(with_log_sfr))::numeric, 3) AS mean_log_sfr,
  round((sum(sum_dn4000) / sum(with_dn4000))::numeric, 3) AS mean_dn4000
FROM desi_analysis.environment_summary
WHERE void_catalog_source = 'VoidFinder' AND environment IN ('void_interior', 'wall') AND mass_bin BETWEEN 24 AND 51
GROUP BY environment ORDER BY environment`,
  },
  {
    name: 'association',
    title: 'Galaxies in the ten largest VoidFinder voids',
    sql: `SELECT void_id, v.radius, count(*) AS galaxies
FROM (SELECT void_id, radius FROM desi_analysis.desivast_voids
      WHERE void_catalog_source = 'VoidFinder' ORDER BY radius DESC LIMIT 10) AS v
JOIN desi_analysis.void_galaxy_map USING (void_id)
GROUP BY void_id, v.radius ORDER BY v.radius DESC`,
  },
  {
    name: 'statistics',
    title: 'Mass and star formation over 100,000 galaxies',
    sql: `SELECT count(*) AS galaxies, round(avg(logmstar)::numeric, 3) AS mean_logmstar,
  round(stddev_samp(logmstar)::numeric, 3) AS scatter, round(corr(z, logmstar)::numeric, 3) AS mass_redshift_correlation,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY dn4000) AS median_dn4000
FROM (SELECT z, logmstar, dn4000 FROM desi_analysis.fastspecfit_iron LIMIT 100000) AS sample`,
  },
]

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
    title: 'Mass and star formation by environment (VoidFinder)',
    sql: `SELECT voidfinder AS environment, count(*) AS galaxies,
  round(avg(logmstar)::numeric, 3) AS mean_logmstar,
  round(avg(log(sfr)) FILTER (WHERE sfr > 0)::numeric, 3) AS mean_log_sfr,
  round(avg(dn4000)::numeric, 3) AS mean_dn4000
FROM desi_analysis.galaxy_environments JOIN desi_analysis.fastspecfit_iron USING (targetid)
WHERE voidfinder IN ('void_interior', 'wall')
GROUP BY voidfinder ORDER BY voidfinder`,
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

// The sample behind every comparison: a row for each galaxy and void finder, with its environment and properties, as SQL.
import {
  AlmagestError,
  environmentColumn,
  type GalaxyProperties,
  type Survey,
  type VoidDeclaration,
} from '../model/index.ts'
import { quoteIdentifier, quoteLiteral, quoteQualified } from '../postgres/index.ts'

/** Sky regions for resampling: 24 of right ascension times 8 of the sine of declination, all of the same area. */
export const REGION_AREA = (4 * Math.PI * (180 / Math.PI) ** 2) / (24 * 8)

/** Number of the sky region of a position, an SQL expression over columns in degrees. */
export function regionSql(ra: string, dec: string): string {
  const turned = `(${ra} - 360 * floor(${ra} / 360))`
  return `(least(floor(${turned} / 15), 23) * 8 + least(floor((sind(${dec}) + 1) * 4), 7))::integer`
}

/** The voids of a survey. @throws AlmagestError `VOIDS_NOT_DECLARED` */
export function voidsOf(survey: Survey): VoidDeclaration {
  if (survey.voids) return survey.voids
  throw new AlmagestError(
    'VOIDS_NOT_DECLARED',
    'usage',
    `the survey "${survey.name}" declares no void catalogues`,
    'Name a survey whose definition has "voids", built with vastCatalogs.',
    { path: 'voids' },
  )
}

/** The columns to compare galaxies by. @throws AlmagestError `ANALYSIS_NO_PROPERTIES` where none are declared */
export function propertiesOf({ galaxies }: VoidDeclaration): GalaxyProperties {
  if (galaxies.properties) return galaxies.properties
  throw new AlmagestError(
    'ANALYSIS_NO_PROPERTIES',
    'usage',
    `${galaxies.catalog.name} declares no stellar masses, so galaxies can't be compared by them`,
    "Name its columns in the survey's voids: galaxies: { ..., properties: { logMass, sfr, dn4000 } }.",
    { path: 'voids.galaxies.properties' },
  )
}

/**
 * A query with one row for each galaxy and finder that can say something of it: galaxy, source, environment, ra, dec
 * (deg), z, region, and, where the survey declares them, log_mass, log_sfr, log_ssfr (dex; NULL where SFR is missing,
 * -Infinity where it is 0) and dn4000 (NULL unless positive).
 */
export function sampleSql({ galaxies, environments, sources }: VoidDeclaration): string {
  const [key, ra, dec, z] = [galaxies.key, galaxies.ra, galaxies.dec, galaxies.z].map((name) =>
    quoteIdentifier(name),
  )
  const words = sources.map(
    (source) => `(${quoteLiteral(source)}, e.${quoteIdentifier(environmentColumn(source))})`,
  )
  return `SELECT g.${key} AS galaxy, s.source, s.environment, g.${ra}::float8 AS ra, g.${dec}::float8 AS dec, g.${z}::float8 AS z,
  ${regionSql(`g.${ra}::float8`, `g.${dec}::float8`)} AS region${propertySql(galaxies.properties)}
FROM ${quoteQualified(environments.name)} e JOIN ${quoteQualified(galaxies.catalog.name)} g USING (${key})
  CROSS JOIN LATERAL (VALUES ${words.join(', ')}) AS s (source, environment)
WHERE s.environment IS NOT NULL`
}

function propertySql(properties: GalaxyProperties | undefined): string {
  if (!properties) return ''
  const column = (name: string) => `g.${quoteIdentifier(name)}::float8`
  const none = 'NULL::float8'
  const mass = column(properties.logMass)
  const sfr = properties.sfr === undefined ? none : column(properties.sfr)
  const dn4000 = properties.dn4000 === undefined ? none : column(properties.dn4000)
  const logSfr = `CASE WHEN ${sfr} > 0 THEN log(${sfr}) WHEN ${sfr} = 0 THEN '-Infinity' END`
  return `, ${mass} AS log_mass, ${logSfr} AS log_sfr, ${logSfr} - ${mass} AS log_ssfr,
  CASE WHEN ${dn4000} > 0 THEN ${dn4000} END AS dn4000`
}

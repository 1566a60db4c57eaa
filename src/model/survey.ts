// A survey: the catalogues of one folder, in the order in which they can be created, and what they mean together.
import type { Catalog } from './catalog.ts'
import { deepFreeze } from './define-catalog.ts'
import { type Embargo, embargoFaults } from './embargo.ts'
import { type Fault, refuse } from './fault.ts'
import type { MatchDeclaration } from './match-table.ts'
import type { SurveyMock } from './mock.ts'
import { nearest } from './nearest.ts'
import { type ReadSchema, readSchemaFaults } from './read-schema.ts'
import { type Release, releaseFaults } from './release.ts'

/** A catalogue with one row per pixel of a finder's footprint: `pixel`, `resolution` and `inside` (1 or 0). */
export interface MaskDeclaration {
  readonly catalog: Catalog
  /** `ra-dec`: cells of 1/resolution degree, [ra, dec + 90]; `healpix-ring`: HEALPix pixels of NSIDE = resolution. */
  readonly kind: 'ra-dec' | 'healpix-ring'
  /** The finders that looked for voids within it. */
  readonly sources: readonly string[]
}

/** Names of the columns by which galaxies of different environments are compared. */
export interface GalaxyProperties {
  /** Decimal logarithm of the stellar mass in solar masses. */
  readonly logMass: string
  /** Star formation rate, solar masses a year. */
  readonly sfr?: string
  /** Strength of the break at 4000 Angstrom. */
  readonly dn4000?: string
}

/** Which catalogues hold the galaxies and the parts of a void release (built by `vastCatalogs`). */
export interface VoidDeclaration {
  readonly galaxies: {
    readonly catalog: Catalog
    readonly key: string
    readonly ra: string
    readonly dec: string
    readonly z: string
    /** Columns of what galaxies are like, for comparisons by environment; none where the catalogue has none. */
    readonly properties?: GalaxyProperties
  }
  /** The void finders, as the files name them: a column of environments each. */
  readonly sources: readonly string[]
  readonly releases: Catalog
  readonly voids: Catalog
  readonly holes: Catalog
  readonly zones: Catalog
  readonly galaxyZones: Catalog
  /** Footprints; none where the release has no mask files. */
  readonly masks: readonly MaskDeclaration[]
  readonly map: Catalog
  readonly details: Catalog
  readonly environments: Catalog
  readonly spheres: Catalog
  /** Galaxies and sums of their properties by finder, environment, mass and redshift; where properties are declared. */
  readonly summary?: Catalog
  /** Every void of a zone that is known. */
  readonly zoneVoids: Catalog
}

/** A question of the survey's users as SQL, for the demonstration and the documentation. */
export interface Example {
  readonly name: string
  readonly title: string
  readonly sql: string
}

export interface Survey {
  /** Name of the folder, e.g. `desi-dr1`. */
  readonly name: string
  readonly title: string
  readonly schema: string
  /** Changes whenever a definition changes; the ledger records it with every load. */
  readonly version: string
  readonly catalogs: readonly Catalog[]
  /** What is offered to readers by version, in schemas of views. */
  readonly published?: readonly ReadSchema[]
  /** Rows that are not for everybody yet. */
  readonly embargoes?: readonly Embargo[]
  readonly voids?: VoidDeclaration
  /** Cross-matches that the survey stores; their catalogues stand among the others. */
  readonly matches?: readonly MatchDeclaration[]
  readonly mock?: SurveyMock
  readonly examples?: readonly Example[]
  /** Where `almagest fetch` gets the files. */
  readonly release?: Release
}

/**
 * Declares a survey. @throws AlmagestError `CATALOG_FAULTS`: a catalogue outside the schema, a foreign key to a
 * catalogue that doesn't stand before it or to columns that identify nothing, a name used twice, a cross-match whose catalogue is missing, a faulty read schema or a faulty release.
 */
export function defineSurvey(survey: Survey): Survey {
  refuse(`survey "${survey.name}"`, surveyFaults(survey))
  return deepFreeze({ ...survey })
}

function surveyFaults(survey: Survey): Fault[] {
  const { catalogs, schema, release, voids, published = [], embargoes = [], matches = [] } = survey
  const faults: Fault[] = release ? releaseFaults(release) : []
  faults.push(...galaxyFaults(voids?.galaxies), ...readSchemaFaults(published, schema, catalogs))
  faults.push(...embargoFaults(embargoes, catalogs))
  for (const { catalog } of matches)
    if (!catalogs.includes(catalog))
      faults.push({ path: `matches.${catalog.table}`, problem: 'its catalogue is none of the survey' })
  const earlier = new Map<string, Catalog>()
  const indexNames = new Set<string>()
  for (const catalog of catalogs) {
    const add = (path: string, problem: string) => faults.push({ path: `${catalog.name}.${path}`, problem })
    if (catalog.schema !== schema) add('name', `stands outside the survey's schema "${schema}"`)
    if (earlier.has(catalog.name)) add('name', 'is declared twice')
    earlier.set(catalog.name, catalog)
    for (const foreignKey of catalog.foreignKeys) {
      const target = earlier.get(foreignKey.references)
      if (!target) {
        const found = nearest(foreignKey.references, [...earlier.keys()])
        add(
          'foreignKeys',
          `"${foreignKey.references}" is not declared before it${found ? `; did you mean "${found}"?` : ''}`,
        )
      } else if (![target.key, ...target.unique].some((key) => key.join() === foreignKey.key.join())) {
        add('foreignKeys', `(${foreignKey.key.join(', ')}) is neither key nor unique in ${target.name}`)
      }
    }
    const positional = [catalog.sky?.index, catalog.sky?.healpix].filter((name) => name !== undefined)
    for (const name of [...Object.keys(catalog.indexes), ...positional]) {
      if (indexNames.has(name)) add(`indexes.${name}`, 'is the name of another index of the schema')
      indexNames.add(name)
    }
  }
  return faults
}

function galaxyFaults(galaxies: VoidDeclaration['galaxies'] | undefined): Fault[] {
  if (!galaxies) return []
  const { catalog, properties, key, ra, dec, z } = galaxies
  const named = Object.entries({ key, ra, dec, z, ...properties }).filter(
    ([, column]) => column !== undefined,
  )
  const known = Object.keys(catalog.columns)
  return named.flatMap(([role, column]) => {
    if (known.includes(column)) return []
    const found = nearest(column, known)
    const hint = found ? `; did you mean "${found}"?` : ''
    return [{ path: `voids.galaxies.${role}`, problem: `${catalog.name} has no column "${column}"${hint}` }]
  })
}

/** The catalogues of that name: one for `schema.table`, one per survey that has the table for a bare name. */
export function findCatalogs(surveys: readonly Survey[], name: string): Catalog[] {
  return surveys.flatMap(({ catalogs }) =>
    catalogs.filter((each) => each.name === name || each.table === name),
  )
}

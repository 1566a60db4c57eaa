// The surveys at hand: every folder under catalogs/, and under the folders named with --catalogs.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  AlmagestError,
  type Catalog,
  findCatalogs,
  type MatchDeclaration,
  nearest,
  type Survey,
} from '../model/index.ts'

const ownFolder = fileURLToPath(new URL('../../catalogs', import.meta.url))

/**
 * All surveys, in the order of their names.
 * @throws AlmagestError `CATALOG_FOLDER` for a folder that isn't there or a survey without a default export,
 *   `CATALOG_FAULTS` for a faulty definition
 */
export async function findSurveys(moreFolders: readonly string[] = []): Promise<Survey[]> {
  const surveys: Survey[] = []
  for (const folder of [ownFolder, ...moreFolders.map((each) => resolve(each))]) {
    if (!existsSync(folder)) throw folderFault(folder, 'there is no such folder')
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const door = ['index.ts', 'index.mts', 'index.js', 'index.mjs']
        .map((name) => join(folder, entry.name, name))
        .find(existsSync)
      if (!entry.isDirectory() || !door) continue
      surveys.push(await importSurvey(door))
    }
  }
  return surveys.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function importSurvey(door: string): Promise<Survey> {
  try {
    const { default: survey } = (await import(pathToFileURL(door).href)) as { default?: Survey }
    if (survey?.catalogs) return survey
  } catch (error) {
    if (error instanceof AlmagestError) throw error
    throw folderFault(door, (error as Error).message)
  }
  throw folderFault(door, 'it has no survey as its default export')
}

/** The survey of that name. @throws AlmagestError `SURVEY_UNKNOWN` with the nearest name */
export function surveyNamed(surveys: readonly Survey[], name: string): Survey {
  const found = surveys.find((survey) => survey.name === name)
  if (found) return found
  const names = surveys.map((survey) => survey.name)
  const near = nearest(name, names)
  throw new AlmagestError(
    'SURVEY_UNKNOWN',
    'usage',
    `there is no survey "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    `The surveys are: ${names.join(', ')}.`,
    { value: name },
  )
}

/**
 * The catalogue of that name, with or without its schema.
 * @throws AlmagestError `CATALOG_UNKNOWN` with the nearest name, `CATALOG_AMBIGUOUS` when several schemas have it
 */
export function catalogNamed(surveys: readonly Survey[], name: string): Catalog {
  const [found, ...others] = findCatalogs(surveys, name)
  if (found && others.length === 0) return found
  if (found) {
    const names = [found, ...others].map((each) => each.name)
    throw new AlmagestError(
      'CATALOG_AMBIGUOUS',
      'usage',
      `"${name}" could be ${names.join(' or ')}`,
      'Name the schema too.',
      { value: name },
    )
  }
  const catalogs = surveys.flatMap((survey) => survey.catalogs)
  const near = nearest(
    name,
    catalogs.flatMap((each) => [each.name, each.table]),
  )
  throw new AlmagestError(
    'CATALOG_UNKNOWN',
    'usage',
    `there is no catalogue "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    `The catalogues are: ${catalogs.map((each) => each.name).join(', ')}.`,
    { value: name },
  )
}

function folderFault(folder: string, problem: string): AlmagestError {
  return new AlmagestError(
    'CATALOG_FOLDER',
    'catalog',
    `${folder}: ${problem}`,
    'A catalogue folder holds an index.mts (or an index.ts under a package.json with "type": "module") whose default export is defineSurvey({...}).',
    { file: folder },
  )
}

/**
 * The declared cross-match whose table has that name, with or without its schema.
 * @throws AlmagestError `MATCH_UNKNOWN` with the names that there are
 */
export function matchNamed(surveys: readonly Survey[], name: string): MatchDeclaration {
  const declared = surveys.flatMap((survey) => survey.matches ?? [])
  const found = declared.filter(({ catalog }) => catalog.name === name || catalog.table === name)
  if (found.length === 1) return found[0]!
  const names = declared.map(({ catalog }) => catalog.name)
  throw new AlmagestError(
    'MATCH_UNKNOWN',
    'usage',
    found.length > 1
      ? `several surveys declare a cross-match "${name}"`
      : `no survey declares a cross-match "${name}"`,
    names.length > 0 ? `declared are: ${names.join(', ')}; or give two sides` : 'give two sides and a radius',
    { value: name },
  )
}

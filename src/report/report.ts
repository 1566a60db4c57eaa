// The report on galaxies and voids: reads what a mapping stored, draws the figures, makes the page.
import { type RelationOptions, readAgreement, readRelations, readSizes, voidsOf } from '../analysis/index.ts'
import type { Survey } from '../model/index.ts'
import type { Client } from '../postgres/index.ts'
import { type Oddity, oddities } from '../voids/index.ts'
import { coneSlices } from './cone-slices.ts'
import type { Figure, Table } from './figure.ts'
import { pageOf } from './page.ts'
import { type MappedRun, readRun } from './read-run.ts'
import { countWords, readSample } from './read-sample.ts'
import { scalingRelations } from './scaling-relations.ts'
import { skyMap } from './sky-map.ts'
import { finderAgreement, sizeFunctions } from './void-figures.ts'

export interface VoidReport {
  /** A whole page that needs no other file. */
  readonly html: string
  readonly figures: readonly Figure[]
}

/** Galaxies on a panel of the sky map. */
const MAP_GALAXIES = 3000

/**
 * Makes the report from the tables of the current mapping; nothing is written.
 * @throws AlmagestError `VOIDS_NOT_DECLARED`, `VOIDS_NOT_MAPPED`
 */
export async function voidReport(
  client: Client,
  survey: Survey,
  options: RelationOptions = {},
): Promise<VoidReport> {
  const voids = voidsOf(survey)
  const run = await readRun(client, survey)
  const sources = [...new Set(run.releases.map(({ source }) => source))]
  const sample = await readSample(client, voids, MAP_GALAXIES)
  const counts = await countWords(client, voids)
  const agreement = await readAgreement(client, survey, options)
  const figures = [
    skyMap(sample, sources, run.galaxies),
    await coneSlices(client, voids, run),
    sizeFunctions(await readSizes(client, survey)),
    ...(voids.galaxies.properties ? scalingRelations(await readRelations(client, survey, options)) : []),
    ...(agreement.length > 0 ? [finderAgreement(agreement)] : []),
  ]
  const html = pageOf({
    title: `Galaxies and voids: ${survey.title}`,
    intro: introOf(run, voids.galaxies.properties !== undefined),
    tables: [
      {
        title: 'Galaxies by environment',
        caption: "One row for each void finder, by the finder's own definition of membership.",
        table: environmentTable(counts, sources),
      },
      {
        title: 'Void catalogues',
        caption:
          'What was mapped, in which cosmology, and how many galaxies each catalogue has in its voids.',
        table: releaseTable(run),
      },
      ...oddityTables(run),
    ],
    figures,
  })
  return { html, figures }
}

function introOf({ number, finishedAt, galaxies, tolerance, shell }: MappedRun, compares: boolean): string[] {
  const shells = shell > 0 ? `Shells are ${shell} Mpc/h thick.` : 'No shells were asked for.'
  return [
    `${galaxies.toLocaleString('en-US')} galaxies, mapped to voids by run ${number} on ${finishedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. A surface is ${tolerance} Mpc/h to either side. ${shells}`,
    ...(compares
      ? []
      : ['The catalogue of galaxies declares no stellar masses, so there are no scaling relations.']),
  ]
}

const columns = ['void_interior', 'void_shell', 'surface', 'wall', 'edge', 'outside'] as const

function environmentTable(counts: Awaited<ReturnType<typeof countWords>>, sources: readonly string[]): Table {
  return {
    columns: ['source', ...columns],
    rows: sources.map((source) => [
      source,
      ...columns.map(
        (word) => counts.find((each) => each.source === source && each.environment === word)?.galaxies ?? 0,
      ),
    ]),
  }
}

function releaseTable({ releases }: MappedRun): Table {
  return {
    columns: ['source', 'cap', 'voids', 'galaxies_in_voids', 'pairs', 'z_from', 'z_to', 'cosmology', 'file'],
    rows: releases.map(({ source, cap, counts, zLow, zHigh, cosmology, file }) => [
      ...[source, cap, counts.voids, counts.galaxiesInside, counts.pairs],
      ...[zLow, zHigh, cosmology, file],
    ]),
  }
}

/** What the run counted as odd, if anything. */
function oddityTables({ releases }: MappedRun) {
  const rows = (Object.keys(oddities) as Oddity[])
    .map((name) => [oddities[name], ...releases.map(({ counts }) => counts.oddities[name] ?? 0)])
    .filter(([, ...counts]) => counts.some((count) => count !== 0))
  if (rows.length === 0) return []
  const columns = ['what', ...releases.map(({ source, cap }) => `${source} ${cap}`)]
  const caption = 'Counted while mapping, by catalogue; nothing was filled in.'
  return [{ title: 'What is odd', caption, table: { columns, rows } }]
}

// `almagest voids`: what follows from a mapping of galaxies to voids: a report, and views to query.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { createViews, dropViews } from '../../analysis/index.ts'
import type { Figure } from '../../report/index.ts'
import { type CommonOptions, databaseOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { count } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'
import { builtWithVoids } from './map-voids.ts'

interface ReportOptions extends CommonOptions {
  out: string
  figures?: string
  samples: number
}

export function voidsCommand(): Command {
  const command = new Command('voids').description('report on galaxies and voids, and views to query')
  return command.addCommand(reportCommand()).addCommand(viewsCommand())
}

function reportCommand(): Command {
  const command = databaseOptions(new Command('report'))
    .description(
      'write one HTML file that opens offline: maps, cone slices, sizes, scaling relations, agreement',
    )
    .argument('[survey]', 'name of the survey (default: the one in the database that has voids)')
    .option('--out <file>', 'file to write', 'voids.html')
    .option('--figures <folder>', 'write each panel as SVG and PNG and each figure as CSV there, too')
    .option('--samples <number>', 'bootstrap samples', wholeNumber('--samples', 2, 100_000), 200)
  return command.action(async (name: string | undefined, options: ReportOptions) => {
    const progress = progressOf(options)
    const all = await findSurveys(options.catalogs)
    await using archive = await openArchiveFor(options, progress)
    const survey = name ? surveyNamed(all, name) : (await builtWithVoids(archive, all))[0]!
    const { html, figures } = await (await drawing()).voidReport(archive.client, survey, {
      samples: options.samples,
    })
    const file = resolve(options.out)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, html)
    const written = [file, ...(options.figures ? await writeFigures(resolve(options.figures), figures) : [])]
    const panels = figures.reduce((sum, each) => sum + each.panels.length, 0)
    const text = `${file}: ${figures.length} figures in ${panels} panels, ${count(html.length)} bytes`
    print({ value: { survey: survey.name, written }, text }, options)
  })
}

/** What draws takes time to load: only who asks for a page waits for it. */
const drawing = () => import('../../report/index.ts')

/** Each panel as SVG and PNG, each figure's numbers as CSV; returns the files. */
async function writeFigures(folder: string, figures: readonly Figure[]): Promise<string[]> {
  const { csvOf, standalone } = await drawing()
  const { pngOf } = await import('../../drawing/index.ts')
  mkdirSync(folder, { recursive: true })
  const written: string[] = []
  const write = (name: string, content: string | Uint8Array) => {
    written.push(join(folder, name))
    writeFileSync(join(folder, name), content)
  }
  for (const figure of figures) {
    for (const panel of figure.panels) {
      const svg = standalone(figure, panel)
      write(`${figure.id}-${panel.id}.svg`, svg)
      write(`${figure.id}-${panel.id}.png`, await pngOf(svg))
    }
    write(`${figure.id}.csv`, csvOf(figure.table))
  }
  return written
}

function viewsCommand(): Command {
  const command = databaseOptions(new Command('views'))
    .description('make views of galaxies by environment: sample, relations with errors, agreement of finders')
    .argument('[survey]', 'name of the survey (default: the one in the database that has voids)')
    .option('--drop', 'remove them: a migration of the tables that they read needs that first')
  return command.action(async (name: string | undefined, options: CommonOptions & { drop?: boolean }) => {
    const all = await findSurveys(options.catalogs)
    await using archive = await openArchiveFor(options, progressOf(options))
    const survey = name ? surveyNamed(all, name) : (await builtWithVoids(archive, all))[0]!
    const views = options.drop ? [] : await createViews(archive.client, survey)
    if (options.drop) await dropViews(archive.client, survey)
    print(
      { value: { survey: survey.name, views }, text: options.drop ? 'removed' : views.join('\n') },
      options,
    )
  })
}

// Figures of the scaling relations: one for each relation, void and wall galaxies side by side, and their differences.
import {
  type DifferenceRow,
  type Relation,
  type RelationRow,
  type Relations,
  relations,
} from '../analysis/index.ts'
import { draw, Plot } from '../drawing/index.ts'
import { environmentColour, words } from './environments.ts'
import type { Figure } from './figure.ts'

const titles: Readonly<Record<Relation, string>> = {
  mass_function: 'Stellar mass function',
  main_sequence: 'Star-forming main sequence',
  quenched_fraction: 'Quenched fraction',
  log_sfr: 'Star formation rate',
  dn4000: 'D4000',
}

const axes: Readonly<Record<Relation, string>> = {
  mass_function: 'share of galaxies per dex',
  main_sequence: 'mean log SFR (Msun/yr), star-forming',
  quenched_fraction: 'quenched fraction',
  log_sfr: 'mean log SFR (Msun/yr), all',
  dn4000: 'mean D4000',
}

/** Values of fewer galaxies than this are in the table, but not drawn. */
const FEWEST = 10

/** A figure for each relation, a panel for each finder, then one figure of the differences. */
export function scalingRelations({ rows, differences, regions }: Relations): Figure[] {
  const sources = [...new Set(rows.map(({ source }) => source))]
  const figures = (Object.keys(relations) as Relation[]).flatMap((relation) => {
    const own = rows.filter((row) => row.relation === relation && row.value !== null)
    return own.length === 0 ? [] : [relationFigure(relation, own, sources)]
  })
  const told = differences.filter(({ value }) => value !== null)
  if (told.length > 0) figures.push(differenceFigure(told, regions))
  return figures
}

function relationFigure(
  relation: Relation,
  rows: readonly RelationRow[],
  sources: readonly string[],
): Figure {
  const drawn = rows.filter(({ galaxies, value }) => galaxies >= FEWEST && value !== 0)
  const domain = extent(
    drawn.flatMap((row) => [row.value! - (row.jackknife ?? 0), row.value! + (row.jackknife ?? 0)]),
  )
  const masses = extent(drawn.flatMap((row) => [row.massFrom, row.massTo]))
  const shown = sources.filter((source) => drawn.some((row) => row.source === source))
  const left = sources.filter((source) => !shown.includes(source))
  const missing = left.length > 0 ? ` ${left.join(', ')}: void and wall galaxies share no bin.` : ''
  const logarithmic = relation === 'mass_function'
  return {
    id: relation.replaceAll('_', '-'),
    title: titles[relation],
    caption: `${relations[relation]}. Wall galaxies are weighted to the redshifts of the void galaxies${relation === 'mass_function' ? '' : ' of the same mass'}. Bars: standard errors by jackknife over sky regions. Bins of fewer than ${FEWEST} galaxies are not drawn.${missing}`,
    legend: (['void_interior', 'wall'] as const).map((word) => [words[word], environmentColour[word]]),
    panels: shown.map((source) => ({
      id: source,
      title: source,
      svg: draw(
        {
          ...{ height: 320, marginLeft: 56, marginBottom: 42, grid: true },
          x: { domain: masses, label: 'log stellar mass (Msun)', labelAnchor: 'center', labelArrow: 'none' },
          y: {
            ...{ label: axes[relation], labelArrow: 'none' },
            ...(logarithmic
              ? {
                  type: 'log' as const,
                  domain: extent(drawn.map(({ value }) => value!)),
                  tickFormat: String,
                  ticks: 4,
                }
              : { domain, nice: true }),
          },
          marks: marksOf(
            drawn.filter((row) => row.source === source),
            logarithmic,
          ),
        },
        `${titles[relation]} by environment, ${source}`,
      ),
    })),
    table: {
      columns: [
        'source',
        'environment',
        'mass_from',
        'mass_to',
        'galaxies',
        'value',
        'jackknife',
        'bootstrap',
      ],
      rows: rows.map((row) => [
        ...[row.source, row.environment, row.massFrom, row.massTo, row.galaxies],
        ...[row.value, row.jackknife, row.bootstrap].map(short),
      ]),
    },
  }
}

function marksOf(rows: readonly RelationRow[], logarithmic: boolean): Plot.Markish[] {
  return (['wall', 'void_interior'] as const).flatMap((environment, place) => {
    // A little to either side, so that bars of the two do not hide each other.
    const shift = place === 0 ? 0.012 : -0.012
    const points = rows
      .filter((row) => row.environment === environment)
      .map(({ massFrom, massTo, value, jackknife }) => {
        const below = value! - (jackknife ?? 0)
        return {
          mass: (massFrom + massTo) / 2 + shift,
          value,
          low: logarithmic && below <= 0 ? value! / 10 : below,
          high: value! + (jackknife ?? 0),
        }
      })
    const stroke = environmentColour[environment]
    return [
      Plot.line(points, { x: 'mass', y: 'value', stroke, strokeOpacity: 0.5 }),
      Plot.ruleX(points, { x: 'mass', y1: 'low', y2: 'high', stroke, strokeWidth: 1.5, clip: true }),
      Plot.dot(points, { x: 'mass', y: 'value', fill: stroke, r: 3 }),
    ]
  })
}

function differenceFigure(rows: readonly DifferenceRow[], regions: Relations['regions']): Figure {
  const kinds = [...new Set(rows.map(({ relation }) => relation))]
  const counts = Object.entries(regions).map(([source, count]) => `${source} ${count}`)
  return {
    id: 'void-wall-differences',
    title: 'Void galaxies less wall galaxies',
    caption: `Differences at the same mass and redshift, over all masses: in each bin of both, the mean of void galaxies less that of wall galaxies, weighted by the number of void galaxies. Bars: one and two standard errors by jackknife over sky regions (${counts.join(', ')}).`,
    legend: [],
    panels: kinds.map((relation) => ({
      id: relation.replaceAll('_', '-'),
      title: titles[relation],
      svg: draw(
        {
          ...{ height: 190, marginLeft: 110, marginBottom: 42, grid: true },
          x: { label: 'void less wall', labelAnchor: 'center', labelArrow: 'none', nice: true },
          y: { label: null },
          marks: [
            Plot.ruleX([0], { stroke: '#555' }),
            ...[2, 1].map((times) =>
              Plot.ruleY(
                rows.filter((row) => row.relation === relation),
                {
                  x1: (row: DifferenceRow) => row.value! - times * (row.jackknife ?? 0),
                  x2: (row: DifferenceRow) => row.value! + times * (row.jackknife ?? 0),
                  ...{ y: 'source', stroke: '#0072b2', strokeWidth: times === 1 ? 4 : 1.5 },
                },
              ),
            ),
            Plot.dot(
              rows.filter((row) => row.relation === relation),
              { x: 'value', y: 'source', r: 4, fill: '#0072b2' },
            ),
          ],
        },
        `Void less wall: ${titles[relation]}`,
      ),
    })),
    table: {
      columns: ['relation', 'source', 'void', 'wall', 'difference', 'jackknife', 'bootstrap', 'in_errors'],
      rows: rows.map((row) => [
        ...[row.relation, row.source],
        ...[row.void, row.wall, row.value, row.jackknife, row.bootstrap].map(short),
        row.jackknife ? Number((row.value! / row.jackknife).toFixed(1)) : null,
      ]),
    },
  }
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

/** Five digits say all that an estimate knows. */
export const short = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(5))

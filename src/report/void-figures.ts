// Figures about the voids themselves: how many of which size, and how far two finders agree.
import type { AgreementRow, SizeRow } from '../analysis/index.ts'
import { draw, Plot } from '../drawing/index.ts'
import type { Figure } from './figure.ts'
import { short } from './scaling-relations.ts'

/** A colour for each finder, apart from those of the environments. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

export function sizeFunctions(rows: readonly SizeRow[]): Figure {
  const sources = [...new Set(rows.map(({ source }) => source))].sort()
  const range = colours.slice(0, sources.length)
  const options = (label: string) => ({
    ...{ height: 320, marginLeft: 56, marginBottom: 42, grid: true },
    x: { label: 'effective radius (Mpc/h)', labelAnchor: 'center' as const, labelArrow: 'none' as const },
    y: { label, labelArrow: 'none' as const, type: 'log' as const, tickFormat: String, ticks: 4 },
    color: { domain: sources, range },
  })
  const middle = (row: SizeRow) => (row.from + row.to) / 2
  const low = ({ voids }: SizeRow) => Math.max(voids - Math.sqrt(voids), 0.5)
  return {
    id: 'size-functions',
    title: 'Size functions',
    caption:
      'Numbers of voids by effective radius (for VoidFinder that of the union of holes, where the file has it). Left: voids at least as large; right: voids in each bin, with Poisson errors. Both galactic caps; edge voids included, the table has the others apart.',
    legend: sources.map((source, at) => [source, range[at]!]),
    panels: [
      {
        id: 'cumulative',
        title: 'At least as large',
        svg: draw(
          {
            ...options('voids'),
            marks: [
              Plot.line(rows, {
                x: 'from',
                y: 'cumulative',
                stroke: 'source',
                strokeWidth: 2,
                curve: 'step-before',
              }),
            ],
          },
          'Voids at least as large, by finder',
        ),
      },
      {
        id: 'binned',
        title: 'In each bin',
        svg: draw(
          {
            ...options('voids per bin'),
            marks: [
              Plot.ruleX(rows, {
                ...{ x: middle, y1: low, stroke: 'source' },
                y2: ({ voids }: SizeRow) => voids + Math.sqrt(voids),
              }),
              Plot.dot(rows, { x: middle, y: 'voids', fill: 'source', r: 2.5 }),
            ],
          },
          'Voids in each bin of radius, by finder',
        ),
      },
    ],
    table: {
      columns: ['source', 'radius_from', 'radius_to', 'voids', 'not_at_edge', 'voids_at_least_as_large'],
      rows: rows.map((row) => [row.source, row.from, row.to, row.voids, row.interior, row.cumulative]),
    },
  }
}

interface Square {
  readonly a: string
  readonly b: string
  readonly value: number | null
}

export function finderAgreement(rows: readonly AgreementRow[]): Figure {
  const sources = [...new Set(rows.flatMap(({ a, b }) => [a, b]))]
  const kappas = rows.flatMap(({ a, b, kappa }): Square[] => [
    { a, b, value: kappa },
    { a: b, b: a, value: kappa },
  ])
  const shares = rows.flatMap(({ a, b, both, onlyA, onlyB }): Square[] => [
    { a, b, value: share(both, onlyA) },
    { a: b, b: a, value: share(both, onlyB) },
  ])
  return {
    id: 'finder-agreement',
    title: 'Do the finders agree?',
    caption:
      "Over galaxies of which both finders can tell whether they are in a void. Cohen's kappa is 1 for full agreement and 0 for as much as chance gives; a finder that has all galaxies in voids, or none, agrees by chance only. Overlap: of the void members of the row's finder, the share that the column's finder has in voids too.",
    legend: [],
    panels: [
      {
        id: 'kappa',
        title: "Cohen's kappa",
        svg: matrix(kappas, sources, [-1, 1], "Cohen's kappa of every two finders"),
      },
      {
        id: 'overlap',
        title: 'Overlap',
        svg: matrix(shares, sources, [0, 1], 'Overlap of the members of every two finders'),
      },
    ],
    table: {
      columns: [
        'a',
        'b',
        'both',
        'only_a',
        'only_b',
        'neither',
        'jaccard',
        'kappa',
        'jackknife',
        'bootstrap',
      ],
      rows: rows.map((row) => [
        ...[row.a, row.b, row.both, row.onlyA, row.onlyB, row.neither],
        ...[row.jaccard, row.kappa, row.jackknife, row.bootstrap].map(short),
      ]),
    },
  }
}

const share = (both: number, only: number) => (both + only > 0 ? both / (both + only) : null)

function matrix(
  squares: readonly Square[],
  sources: readonly string[],
  domain: [number, number],
  label: string,
): string {
  const known = squares.filter(({ value }) => value !== null)
  return draw(
    {
      ...{ height: 290, marginLeft: 104, marginTop: 34, marginBottom: 8 },
      x: { axis: 'top', label: null, domain: [...sources], tickSize: 0 },
      y: { label: null, domain: [...sources], tickSize: 0 },
      color: {
        scheme: domain[0] < 0 ? 'PuOr' : 'Blues',
        domain,
        type: domain[0] < 0 ? 'diverging' : 'linear',
      },
      style: { fontSize: '12px', fontFamily: 'system-ui, sans-serif', background: 'white' },
      marks: [
        Plot.cell(known, { x: 'b', y: 'a', fill: 'value', inset: 1 }),
        Plot.text(known, {
          ...{ x: 'b', y: 'a', text: ({ value }: Square) => value!.toFixed(2), fontSize: 15 },
          fill: ({ value }: Square) => (Math.abs(value!) > 0.6 ? 'white' : 'black'),
        }),
      ],
    },
    label,
  )
}

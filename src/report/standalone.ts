// A panel as a picture of its own: its figure's title above, the key to its colours below.
import type { Figure, Panel } from './figure.ts'

const TITLE_HEIGHT = 34
const KEY_HEIGHT = 20
/** Width of a letter of the key, pixels: a wide font's, so that words do not overlap in others. */
const LETTER_WIDTH = 7.4

const escaped = (text: string) => text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)

/** A whole SVG document. Keys that do not fit side by side go on to another line. */
export function standalone({ title, legend }: Figure, panel: Panel): string {
  const [width, height] = sizeOf(panel.svg)
  const lines = keyLines(legend, width)
  const keys = lines.flatMap((line, row) =>
    line.map(({ word, colour, x }) => {
      const y = TITLE_HEIGHT + height + KEY_HEIGHT * (row + 0.5)
      return `<circle cx="${x + 5}" cy="${y}" r="4.5" fill="${colour}"/><text x="${x + 14}" y="${y + 4}">${escaped(word)}</text>`
    }),
  )
  const whole = TITLE_HEIGHT + height + KEY_HEIGHT * lines.length + 6
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}" font-family="system-ui, sans-serif" font-size="13">
<rect width="${width}" height="${whole}" fill="white"/>
<text x="10" y="22" font-size="15" font-weight="bold">${escaped(`${title}: ${panel.title}`)}</text>
<g transform="translate(0,${TITLE_HEIGHT})">${panel.svg}</g>
${keys.join('\n')}
</svg>
`
}

function sizeOf(svg: string): [width: number, height: number] {
  const of = (name: string) => Number(new RegExp(`^<svg [^>]*\\b${name}="([\\d.]+)"`).exec(svg)?.[1])
  return [of('width'), of('height')]
}

function keyLines(legend: Figure['legend'], width: number) {
  const lines: { word: string; colour: string; x: number }[][] = []
  let x = Number.POSITIVE_INFINITY
  for (const [word, colour] of legend) {
    const own = 14 + LETTER_WIDTH * word.length + 18
    if (x + own > width) {
      lines.push([])
      x = 10
    }
    lines.at(-1)!.push({ word, colour, x: Math.round(x) })
    x += own
  }
  return lines
}

// A plot as SVG text: Observable Plot on a document of its own, since there is no browser's.
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Width of a figure unless another is given, pixels. */
export const PANEL_WIDTH = 460

/**
 * Draws a plot as a whole SVG document; numbers are rounded to hundredths of a pixel.
 * @param label  what the figure shows, for those who don't see it
 */
export function draw(options: Plot.PlotOptions, label: string): string {
  const svg = Plot.plot({
    width: PANEL_WIDTH,
    style: { fontSize: '13px', fontFamily: 'system-ui, sans-serif', background: 'white' },
    ...options,
    ariaLabel: label,
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
  }) as unknown as { outerHTML: string; setAttribute(name: string, value: string): void }
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('role', 'img')
  const rounded = (tag: string) =>
    tag.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(2))))
  return svg.outerHTML.replace(/<[^>]+>/g, rounded)
}

export { Plot }

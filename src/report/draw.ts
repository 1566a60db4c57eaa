// Drawing: Observable Plot on a document of its own, and the colours of environments and finders.
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Environment } from '../voids/index.ts'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** Colours that people with colour-blindness tell apart (Okabe and Ito 2008, Color Universal Design). */
export const environmentColour: Readonly<Record<Environment, string>> = {
  void_interior: '#0072b2',
  void_shell: '#56b4e9',
  surface: '#009e73',
  wall: '#d55e00',
  edge: '#a0a0a0',
  outside: '#c8c8c8',
}

export const words: Readonly<Record<Environment, string>> = {
  void_interior: 'in a void',
  void_shell: 'in the shell of a void',
  surface: "on a void's surface",
  wall: 'in a wall',
  edge: "at the survey's edge",
  outside: 'outside the survey',
}

/** Width of a panel, pixels. */
export const PANEL_WIDTH = 460

/** Draws a plot as a whole SVG document; numbers are rounded to hundredths of a pixel. */
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

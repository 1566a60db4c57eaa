// The door of the drawing room: plots as SVG texts, and these as PNG pictures.
export { draw, PANEL_WIDTH, Plot } from './draw.ts'
export { pngOf } from './png.ts'

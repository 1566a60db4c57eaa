// The door of the drawing room: plots as SVG texts.
export { draw, PANEL_WIDTH, Plot } from './draw.ts'

// Colours and words for environments, the same in all figures.
import type { Environment } from '../voids/index.ts'

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

// The effective-radius sphere: one sphere per void, whatever its true shape. A cruder membership, under its own name.
import { holeFinder } from '../../hole-finder.ts'

export const finder = holeFinder({
  source: 'effective_radius',
  membership: 'sphere',
  meaning: "The galaxy is closer to the void's centre than the void's effective radius.",
  // Nothing grew until it touched a galaxy: the bare comparison is meant.
  tolerance: 0,
  edgeRule: 'none: the sphere knows nothing of the survey',
  atEdge: ({ number }) => new Uint8Array(number.length).fill(255),
  spheres: ({ voids }) => ({
    x: voids.x,
    y: voids.y,
    z: voids.z,
    radius: voids.radius,
    voidNumber: voids.number,
  }),
})

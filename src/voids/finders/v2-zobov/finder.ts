// V2 with ZOBOV pruning: zones merge into nested voids, up to one that spans the survey.
import { zoneFinder } from '../../zone-finder.ts'

export const finder = zoneFinder(
  'V2_ZOBOV',
  "The galaxy's Voronoi cell belongs to a zone of the void; of nested voids the release names the smallest and the largest.",
)

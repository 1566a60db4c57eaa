// V2 with VIDE pruning: zones merge into nested voids.
import { zoneFinder } from '../../zone-finder.ts'

export const finder = zoneFinder(
  'V2_VIDE',
  "The galaxy's Voronoi cell belongs to a zone of the void; of nested voids the release names the smallest and the largest.",
)

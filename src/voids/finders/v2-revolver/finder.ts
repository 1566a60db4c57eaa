// V2 with REVOLVER pruning: every void is one zone.
import { zoneFinder } from '../../zone-finder.ts'

export const finder = zoneFinder('V2_REVOLVER', "The galaxy's Voronoi cell belongs to the void's only zone.")

// VoidFinder: voids are unions of holes that grew between wall galaxies.
import { missingTable } from '../../finder.ts'
import { holeFinder } from '../../hole-finder.ts'
import { singlePrecisionPositions } from './positions.ts'

export const finder = holeFinder({
  source: 'VoidFinder',
  membership: 'holes',
  meaning: 'The galaxy lies inside any hole of the void; a void is the union of its holes.',
  edgeRule: 'EDGE is not 0: a hole sticks out of the survey (1) or has its centre near the boundary (2)',
  atEdge: ({ number, edge }) => Uint8Array.from(number, (_, row) => (edge ? Number(edge[row] !== 0) : 255)),
  positions: singlePrecisionPositions,
  spheres(release) {
    if (!release.holes) throw missingTable(release.source, release.cap, 'hole table (HOLES)')
    return release.holes
  },
})

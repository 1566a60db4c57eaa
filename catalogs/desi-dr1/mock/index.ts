// The door of the mock: DESI DR1's files in the survey's real layout, with a known truth, from a seed.
import type { MockFile, SurveyMock } from '../../../src/model/index.ts'
import { badRows } from './bad-rows.ts'
import { galaxyHdu, type Mock } from './blocks.ts'
import { fastspecColumns, metadataColumns, specphotColumns } from './columns.ts'
import { fastspecValues } from './fastspec.ts'
import { placeGalaxies } from './galaxies.ts'
import { holeGrid } from './hole-grid.ts'
import { voidsOf } from './holes.ts'
import { metadataValues } from './metadata.ts'
import { requireSize, rowCounts } from './proportions.ts'
import { caps } from './sky.ts'
import { specphotValues } from './specphot.ts'
import { inHoles, inZones, loadedRows, matchedRows, rejectedRows } from './truth.ts'
import { addTwins } from './twins.ts'
import { voidFinderFile, zoneFile } from './void-files.ts'
import { pruned, prunings, zonedSample } from './zones.ts'

/** Twelve galaxy files and eight void files. Memory: about 50 bytes a galaxy, and one block of rows at a time. */
export const mock: SurveyMock = {
  generate({ galaxies: count, seed }) {
    requireSize(count)
    const counts = [rowCounts(count, 0), rowCounts(count, 1)] as const
    const voids = [voidsOf(0, counts[0], count, seed), voidsOf(1, counts[1], count, seed)] as const
    const shifted = voids[1].holes.map((hole) => ({ ...hole, void: hole.void + counts[0].maximals }))
    const holes = [...voids[0].holes, ...shifted]
    const grid = holeGrid(holes)
    const galaxies = placeGalaxies(count, holes, grid, seed)
    addTwins(galaxies)
    const made: Mock = { galaxies, bad: badRows(galaxies), seed }
    const zones = zoneParts(made, counts)
    const voidFiles = [voidFinderFile(voids[0], 0), voidFinderFile(voids[1], 1), ...zones.map((z) => z.file)]
    return {
      files: [...galaxyFiles(made), ...voidFiles],
      truth: {
        loaded: loadedRows(made, voidFiles),
        rejected: rejectedRows(made),
        matched: matchedRows(made),
        inVoids: [...inHoles(made, grid, voids), ...zones.map((each) => each.truth)],
      },
    }
  },
}

/** Files and truth of the three prunings in both caps. */
function zoneParts(made: Mock, counts: readonly ReturnType<typeof rowCounts>[]) {
  return ([0, 1] as const).flatMap((cap) => {
    const sample = zonedSample(made.galaxies, cap, counts[cap]!, made.seed)
    return prunings.map((pruning) => {
      const voids = pruned(pruning, sample, counts[cap]!)
      return {
        file: zoneFile(pruning, cap, made.galaxies, sample, voids, counts[cap]!, made.seed),
        truth: inZones(made, pruning, caps[cap], sample, voids),
      }
    })
  })
}

/** A file for each base pixel of HEALPix. */
function galaxyFiles(made: Mock): MockFile[] {
  const { starts } = made.galaxies
  return Array.from({ length: 12 }, (_, pixel) => {
    const rows = [starts[pixel]!, starts[pixel + 1]!] as const
    return {
      name: `fastspec-iron-main-bright-nside1-hp${String(pixel).padStart(2, '0')}.fits`,
      cards: [['COADDTYP', 'healpix']],
      hdus: [
        galaxyHdu('METADATA', metadataColumns, made, rows, metadataValues),
        galaxyHdu('SPECPHOT', specphotColumns, made, rows, specphotValues),
        galaxyHdu('FASTSPEC', fastspecColumns, made, rows, fastspecValues),
      ],
    }
  })
}

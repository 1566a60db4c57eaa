// Maps the galaxies of the example before to voids, and compares galaxies in voids with those in walls.
import desi from '../catalogs/desi-dr1/index.ts'
import { openArchive } from '../src/cli/archive.ts'
import { forgetSurvey } from '../src/load/index.ts'
import { dropSurvey } from '../src/postgres/index.ts'
import { mapVoids } from '../src/voids/index.ts'

await using archive = await openArchive({ instance: 'examples' })
const mapped = await mapVoids(archive.client, desi)
console.table(
  mapped.releases.map(({ source, cap, voids, galaxiesInside, pairs }) => ({
    source,
    cap,
    voids,
    galaxiesInside,
    pairs,
  })),
)

const comparison = desi.examples!.find((each) => each.name === 'void-wall')!
console.table((await archive.client.query(comparison.sql)).rows)

await dropSurvey(archive.client, desi)
await forgetSurvey(archive.client, desi)

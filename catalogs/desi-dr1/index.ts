// DESI Data Release 1: FastSpecFit's galaxies, the DESIVAST voids, and which galaxy lies in which void.
import { defineSurvey, voidCatalogOrder } from '../../src/model/index.ts'
import { examples } from './examples.ts'
import { fastspecfit, schema } from './fastspecfit.ts'
import { mock } from './mock/index.ts'
import { published } from './published.ts'
import { release } from './release.ts'
import { sameObject } from './same-object.ts'
import { voids } from './voids.ts'

export { fastspecfit, voids }

export default defineSurvey({
  name: 'desi-dr1',
  title: 'DESI DR1: FastSpecFit galaxies and DESIVAST voids',
  schema,
  version: '1',
  catalogs: [fastspecfit, sameObject.catalog, ...voidCatalogOrder(voids)],
  matches: [sameObject],
  published,
  voids,
  mock,
  examples,
  release,
})

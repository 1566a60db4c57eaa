// Targets that are one object on the sky: pairs of the galaxies with themselves, filled by `almagest cross-match same_object`.
import { arcsec, crossMatch, matchTable } from '../../src/model/index.ts'
import { fastspecfit, schema } from './fastspecfit.ts'

/**
 * A TARGETID holds the release of the imaging and the object's place in it (desitarget, "encode_targetid"): what was
 * targeted from two releases, or as a secondary target too, has two. A fibre is 1.5 arc seconds wide, so that targets within
 * one share most of their light.
 */
export const sameObject = matchTable(
  `${schema}.same_object`,
  'Targets that are one object: pairs within 1 arc second under different TARGETIDs',
  crossMatch(fastspecfit, fastspecfit, { radius: arcsec(1) }),
)

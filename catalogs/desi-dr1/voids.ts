// The voids: DESIVAST, found by VAST in the volume-limited bright galaxy sample.
import { vastCatalogs } from '../../src/model/index.ts'
import { voidExpectations } from './expected.ts'
import { fastspecfit, schema } from './fastspecfit.ts'

export const voids = vastCatalogs({
  schema,
  prefix: 'desivast',
  files: 'DESIVAST_BGS_VOLLIM_{finder}_{cap:NGC|SGC}.fits',
  quality: voidExpectations,
  galaxies: {
    ...{ catalog: fastspecfit, key: 'targetid', ra: 'ra', dec: 'dec', z: 'z' },
    properties: { logMass: 'logmstar', sfr: 'sfr', dn4000: 'dn4000' },
  },
})

// The shared suite, once for each sky index and the server that has it.
import { debianQ3cServer, scratchServer } from '../postgres/scratch.ts'
import { needs } from '../require.ts'
import { skyIndexSuite } from './shared-suite.ts'

skyIndexSuite('q3c-sql', async () => scratchServer())
skyIndexSuite('healpix', async () => scratchServer())

needs('debian-q3c')("on Debian's server", () =>
  skyIndexSuite('q3c', debianQ3cServer, {
    // Version 2.0.0 loses rows in cones of a nano-degree and in those about a corner of the cube.
    losesRows: true,
    // Its SQL functions name the others without a schema.
    needsSearchPath: true,
  }),
)

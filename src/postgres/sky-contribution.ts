// What a sky index adds to a deployment: the seam through which `sky` reaches the DDL without being imported.
import type { Catalog } from '../model/index.ts'

export interface SkyContribution {
  /** Name of the backend, recorded with the deployment. */
  readonly name: string
  /** Idempotent statements that bring the backend's functions into the database. */
  readonly install: readonly string[]
  /** Index definition after `ON table`, e.g. `USING btree (q3c_ang2ipix("ra", "dec"))`. */
  indexOn(sky: NonNullable<Catalog['sky']>): string
}

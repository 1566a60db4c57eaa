// A small survey with everything that access control knows: sensitivities, masks, embargoes, a reference.

import { parseLab } from '../../src/access/index.ts'
import {
  defineCatalog,
  defineSurvey,
  fileNumber,
  float64,
  fromHdu,
  int32,
  int64,
  text,
} from '../../src/model/index.ts'

const schema = 'guarded'

export const targets = defineCatalog({
  name: `${schema}.targets`,
  title: 'Targets',
  columns: {
    ...fromHdu('T', {
      targetid: int64('TARGETID', 'Target.'),
      survey: text('SURVEY', 'Survey.', { oneOf: ['main', 'sv3'] }),
      z: float64('Z', 'Redshift.'),
      mass: float64('MASS', 'Stellar mass.', { sensitivity: 'collaboration', mask: { decimals: 1 } }),
      proposer: text('PROPOSER', 'Who proposed it.', { sensitivity: 'restricted', mask: 'hash' }),
      note: text('NOTE', 'Remarks.', { sensitivity: 'restricted', mask: 'null' }),
      secret: float64('SECRET', 'Never shown.', { sensitivity: 'restricted' }),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['targetid'],
  selections: { early: (c) => [c.survey.equals('sv3')], old: (c) => [c.z.below(0)] },
  layouts: { one: { files: 'targets-*.fits', hdus: ['T'] } },
})

export const lines = defineCatalog({
  name: `${schema}.lines`,
  title: 'Lines',
  columns: {
    ...fromHdu('L', {
      line: int64('LINE', 'Line.'),
      targetid: int64('TARGETID', 'Target.', { required: true }),
      flux: float64('FLUX', 'Flux.'),
    }),
    source_file: int32(fileNumber(), 'File.'),
  },
  key: ['line'],
  foreignKeys: [{ columns: ['targetid'], references: `${schema}.targets`, key: ['targetid'] }],
  layouts: { one: { files: 'lines-*.fits', hdus: ['L'] } },
})

const parts = { name: 'guarded', title: 'A guarded survey', schema, version: '1', catalogs: [targets, lines] }

export const embargoes = [
  {
    name: 'validation',
    title: 'Survey validation',
    catalog: targets,
    only: 'early',
    until: '2999-01-01',
    readers: ['collaborator' as const, 'project:voids' as const],
  },
  {
    name: 'lifted',
    title: 'Released long ago',
    catalog: targets,
    only: 'old',
    until: '2020-01-01',
    readers: [],
  },
]

export const guarded = defineSurvey({ ...parts, embargoes })
export const guardedParts = parts

export const lab = parseLab(
  JSON.stringify({
    prefix: 'lab',
    projects: { voids: { collaboration: true, connections: 2 }, lenses: { statementTimeout: '5s' } },
    logins: { alice: 'analyst', vera: 'project:voids' },
  }),
  'lab.json',
)

/** Two released rows, one of them from long ago, and two that are embargoed: one for not being known. */
export const rows = `
INSERT INTO guarded.targets VALUES (1, 'main', 0.1, 10.123, 'Ann', 'n1', 1.5, 1), (2, 'main', -0.2, 11.567, 'Bob', 'n2', 2.5, 1),
  (3, 'sv3', 0.3, 9.876, 'Eve', 'n3', 3.5, 1), (4, NULL, 0.4, 8.765, 'Eve', 'n4', 4.5, 1);
INSERT INTO guarded.lines VALUES (1, 1, 5, 1), (2, 3, 6, 1)`

/** A deployment without a sky index. */
export const noSky = { name: 'none', install: [], indexOn: () => 'USING btree ("ra", "dec")' }

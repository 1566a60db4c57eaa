// Faults put into the sample, one at a time: the SQL that makes each, and the check that must name it.

export interface InjectedFault {
  readonly what: string
  /** Statements; `$row` stands for the condition of the one row to be spoilt. */
  readonly sql: string
  /** Name of the check that must fail. */
  readonly check: string
  /** How it must say it. */
  readonly says?: RegExp
  /** Whether the spoilt row must be shown with its key and its place. */
  readonly row?: boolean
}

const g = 'quality_sample.galaxies'
const r = 'quality_sample.redshifts'
const v = 'quality_sample.voids'
const one = 'WHERE $row'

export const faults: readonly InjectedFault[] = [
  { check: 'type', what: 'positions in single precision', sql: `ALTER TABLE ${g} ALTER ra TYPE real` },
  { check: 'type', what: 'a column that is missing', sql: `ALTER TABLE ${g} DROP COLUMN mag` },
  { check: 'type', what: 'identifiers kept as text', sql: `ALTER TABLE ${g} ALTER id TYPE text` },
  { check: 'description', what: 'a description lost', sql: `COMMENT ON COLUMN ${g}.z IS NULL` },
  { check: 'description', what: 'a blank description', sql: `COMMENT ON COLUMN ${g}.ra IS ' '` },
  { check: 'description', what: 'a new column without one', sql: `ALTER TABLE ${g} ADD new integer` },
  { check: 'not-null:ra', what: 'a position lost', sql: `UPDATE ${g} SET ra = NULL ${one}`, row: true },
  { check: 'not-null:dec', what: 'a declination lost', sql: `UPDATE ${g} SET dec = NULL ${one}`, row: true },
  { check: 'not-null:id', what: 'a key lost', sql: `UPDATE ${g} SET id = NULL ${one}` },
  { check: 'range:z', what: 'a redshift of -2', sql: `UPDATE ${g} SET z = -2 ${one}`, row: true },
  { check: 'range:z', what: 'an infinite redshift', sql: `UPDATE ${g} SET z = 'infinity' ${one}`, row: true },
  {
    check: 'range:sfr',
    what: 'NaN where the range is open',
    sql: `UPDATE ${g} SET sfr = 'NaN' ${one}`,
    row: true,
  },
  { check: 'range:ra', what: 'RA of exactly 360', sql: `UPDATE ${g} SET ra = 360 ${one}`, row: true },
  {
    check: 'vocabulary:class',
    what: 'another spelling',
    sql: `UPDATE ${g} SET class = 'Galaxy' ${one}`,
    row: true,
  },
  {
    check: 'vocabulary:class',
    what: 'a trailing blank',
    sql: `UPDATE ${g} SET class = 'QSO ' ${one}`,
    row: true,
  },
  { check: 'vocabulary:class', what: 'a new class', sql: `UPDATE ${g} SET class = 'STAR' ${one}`, row: true },
  { check: 'key', what: 'a row twice', sql: `INSERT INTO ${g} SELECT * FROM ${g} ${one}`, row: true },
  {
    check: 'key',
    what: 'a file loaded twice',
    sql: `INSERT INTO ${g} SELECT * FROM ${g} WHERE source_file = 1`,
  },
  {
    check: 'key',
    what: 'the identifier of another row',
    sql: `UPDATE ${g} SET id = (SELECT id FROM ${g} WHERE NOT ($row) LIMIT 1) ${one}`,
  },
  {
    check: 'foreign-key:id:galaxies',
    what: 'one galaxy deleted',
    sql: `DELETE FROM ${g} ${one}`,
  },
  {
    check: 'foreign-key:id:galaxies',
    what: 'one reference off by 1',
    sql: `UPDATE ${r} SET id = id + 1 WHERE id = (SELECT id FROM ${g} ${one})`,
  },
  {
    check: 'foreign-key:id:galaxies',
    what: 'a reference to nothing',
    sql: `INSERT INTO ${r} VALUES (1, 1, 1, 1)`,
  },
  { check: 'sky-bounds', what: 'a declination of 95', sql: `UPDATE ${g} SET dec = 95 ${one}`, row: true },
  { check: 'sky-bounds', what: 'NaN as RA', sql: `UPDATE ${g} SET ra = 'NaN' ${one}`, row: true },
  { check: 'sky-bounds', what: 'a negative RA', sql: `UPDATE ${g} SET ra = -1 ${one}`, row: true },
  {
    check: 'nulls:mass:nan',
    what: 'NaN instead of NULL',
    sql: `UPDATE ${g} SET mass = 'NaN' ${one}`,
    row: true,
  },
  {
    check: 'nulls:mass',
    what: 'a tenth of the masses lost',
    sql: `UPDATE ${g} SET mass = NULL WHERE source_row % 10 = 0`,
  },
  {
    check: 'nulls:mag',
    what: 'all magnitudes of a file lost',
    sql: `UPDATE ${g} SET mag = NULL WHERE source_file = 1`,
    says: /hp\d\d\.fits/,
  },
  { check: 'sentinel:mass', what: 'a mass of -99', sql: `UPDATE ${g} SET mass = -99 ${one}`, row: true },
  {
    check: 'sentinel:mag',
    what: 'a magnitude of -9999',
    sql: `UPDATE ${g} SET mag = -9999 ${one}`,
    row: true,
  },
  { check: 'sentinel:z', what: 'a redshift of -999', sql: `UPDATE ${g} SET z = -999 ${one}`, row: true },
  {
    check: 'sentinel:mass:unmeasured',
    what: 'a mass of 0 without inverse variance',
    sql: `UPDATE ${g} SET mass = 0, mass_error = NULL ${one}`,
    row: true,
  },
  {
    check: 'row-count',
    what: 'one row lost',
    sql: `DELETE FROM ${g} ${one}`,
    says: /3999 rows, expected 4000/,
  },
  { check: 'row-count', what: 'one row twice', sql: `INSERT INTO ${g} SELECT * FROM ${g} ${one}` },
  { check: 'row-count', what: 'the table emptied', sql: `DELETE FROM ${g}` },
  {
    check: 'row-count:files',
    what: 'a file emptied',
    sql: `DELETE FROM ${v}`,
    says: /voids\.fits gave 300 rows, 0/,
  },
  {
    check: 'row-count:files',
    what: 'rows of no file',
    sql: `UPDATE ${g} SET source_file = 99 ${one}`,
    says: /no loaded file/,
    row: false,
  },
  {
    check: 'healpix',
    what: 'RA and Dec swapped',
    sql: `UPDATE ${g} SET ra = abs(dec), dec = 30 - ra / 10 ${one}`,
    row: true,
  },
  {
    check: 'healpix',
    what: 'RA and Dec of a file swapped',
    sql: `UPDATE ${g} SET ra = dec, dec = ra WHERE dec >= 0 AND ra < 90`,
    says: /RA and Dec are swapped/,
  },
  {
    check: 'healpix',
    what: 'an hour of RA',
    sql: `UPDATE ${g} SET ra = ra + 15 WHERE ra < 40`,
    says: /one hour too large/,
  },
  {
    check: 'healpix',
    what: 'radians',
    sql: `UPDATE ${g} SET ra = radians(ra), dec = radians(dec)`,
    says: /radians/,
  },
  { check: 'healpix', what: 'hours', sql: `UPDATE ${g} SET ra = ra / 15`, says: /RA is in hours/ },
  {
    check: 'healpix',
    what: 'the sign of Dec',
    sql: `UPDATE ${g} SET dec = -dec ${one}`,
    says: /wrong sign/,
    row: true,
  },
  { check: 'healpix:file', what: 'a row of another file', sql: `UPDATE ${g} SET ra = 200 ${one}`, row: true },
  {
    check: 'coordinates',
    what: 'a file in radians',
    sql: `UPDATE ${g} SET ra = radians(ra), dec = radians(dec) WHERE source_file = 1`,
    says: /hp\d\d\.fits: .*radians/,
  },
  { check: 'coordinates', what: 'RA in hours', sql: `UPDATE ${g} SET ra = ra / 15`, says: /hours/ },
  {
    check: 'coordinates',
    what: 'RA and Dec swapped',
    sql: `UPDATE ${g} SET ra = dec, dec = ra`,
    says: /swapped/,
  },
  {
    check: 'footprint',
    what: 'one row on the other side',
    sql: `UPDATE ${g} SET ra = 180 ${one}`,
    row: true,
  },
  { check: 'footprint', what: 'a row in the far south', sql: `UPDATE ${g} SET dec = -70 ${one}`, row: true },
  { check: 'footprint', what: 'an hour of RA', sql: `UPDATE ${g} SET ra = ra + 15` },
  {
    check: 'unit:mag',
    what: 'fluxes as magnitudes',
    sql: `UPDATE ${g} SET mag = 10 ^ (9 - 0.4 * mag)`,
    says: /fluxes/,
  },
  {
    check: 'unit:z',
    what: 'a velocity as redshift',
    sql: `UPDATE ${g} SET z = z * 299792.458 ${one}`,
    row: true,
  },
  { check: 'unit:mass', what: 'a linear mass', sql: `UPDATE ${g} SET mass = 10 ^ mass ${one}`, row: true },
  {
    check: 'precision:ra',
    what: 'RA through single precision',
    sql: `UPDATE ${g} SET ra = ra::real WHERE source_file = 1`,
    says: /hp\d\d\.fits/,
  },
  { check: 'precision:dec', what: 'Dec through single precision', sql: `UPDATE ${g} SET dec = dec::real` },
  {
    check: 'precision:id',
    what: 'identifiers through a double',
    sql: `UPDATE ${g} SET id = id::float8::bigint`,
    says: /rounded/,
  },
  {
    check: 'precision:id',
    what: 'identifiers through a float',
    sql: `UPDATE ${g} SET id = id::real::bigint`,
  },
  {
    check: 'scaling-relation:main-sequence',
    what: 'rates in another unit',
    sql: `UPDATE ${g} SET sfr = sfr * 1e9`,
    says: /value at 10.5/,
  },
  {
    check: 'scaling-relation:main-sequence',
    what: 'masses of other rows',
    sql: `UPDATE ${g} SET mass = 9 + 3 * random()`,
    says: /slope/,
  },
  {
    check: 'scaling-relation:main-sequence',
    what: 'masses for h = 0.7',
    sql: `UPDATE ${g} SET mass = mass - 0.31`,
  },
  { check: 'mass-function:masses', what: 'masses for h = 0.5', sql: `UPDATE ${g} SET mass = mass - 0.6` },
  { check: 'mass-function:masses', what: 'all masses alike', sql: `UPDATE ${g} SET mass = 10.5` },
  { check: 'mass-function:masses', what: 'the heavy ones lost', sql: `DELETE FROM ${g} WHERE mass > 11.5` },
  {
    check: 'void-statistics',
    what: 'one void lost',
    sql: `DELETE FROM ${v} WHERE void_index = 3`,
    says: /number of A is 199/,
  },
  {
    check: 'void-statistics',
    what: 'radii in Mpc, not Mpc/h',
    sql: `UPDATE ${v} SET radius = radius / 0.7`,
    says: /mean radius of A/,
  },
  {
    check: 'void-statistics',
    what: 'finders confused',
    sql: `UPDATE ${v} SET finder = CASE finder WHEN 'A' THEN 'B' ELSE 'A' END`,
    says: /A over B/,
  },
  {
    check: 'counterpart:redshifts',
    what: 'another redshift',
    sql: `UPDATE ${g} SET z = z + 0.001 ${one}`,
    row: true,
  },
  {
    check: 'counterpart:redshifts',
    what: 'a position off by an arcsecond',
    sql: `UPDATE ${g} SET dec = dec + 1 / 3600.0 ${one}`,
    row: true,
  },
  {
    check: 'counterpart:redshifts',
    what: 'rows shifted by one',
    sql: `UPDATE ${r} AS t SET z = o.z FROM (SELECT id, lag(z) OVER (ORDER BY id) AS z FROM ${r}) AS o WHERE o.id = t.id`,
  },
  {
    check: 'sky-duplicates',
    what: 'an object under two identifiers',
    sql: `INSERT INTO ${g} (id, ra, dec) SELECT id + 1, ra + 0.2 / 3600, dec + 0.2 / 3600 FROM ${g} ${one}`,
    row: true,
  },
  {
    check: 'sky-duplicates',
    what: 'a pair across RA 0',
    sql: `INSERT INTO ${g} (id, ra, dec) VALUES (1, 0.00004, 10), (2, 359.99996, 10)`,
  },
  {
    check: 'sky-duplicates',
    what: 'a pair at the pole',
    sql: `INSERT INTO ${g} (id, ra, dec) VALUES (1, 10, 89.99998), (2, 190, 89.99998)`,
  },
  {
    check: 'drift:z',
    what: 'redshifts of another sample',
    sql: `UPDATE ${g} SET z = z * 1.3`,
    says: /Kolmogorov/,
  },
  {
    check: 'drift:mag',
    what: 'magnitudes of another system',
    sql: `UPDATE ${g} SET mag = mag - 0.9`,
    says: /stability index/,
  },
  {
    check: 'drift:mass',
    what: 'three in a hundred masses more lost',
    sql: `UPDATE ${g} SET mass = NULL WHERE source_row % 33 = 0`,
    says: /fraction of NULLs/,
  },
  { check: 'drift:sfr', what: 'one value for all', sql: `UPDATE ${g} SET sfr = 1` },
  {
    check: 'round-trip',
    what: 'the last bit of a redshift',
    sql: `UPDATE ${g} SET z = z * (1 + 2.3e-16) ${one}`,
    row: true,
  },
  {
    check: 'round-trip',
    what: 'a changed mass',
    sql: `UPDATE ${g} SET mass = mass + 0.001 ${one}`,
    row: true,
    says: /mass is .*PHOT row 17/,
  },
  { check: 'round-trip', what: 'a value lost', sql: `UPDATE ${g} SET mag = NULL ${one}`, row: true },
  { check: 'round-trip', what: 'rows confused', sql: `UPDATE ${g} SET source_row = source_row + 1` },
]

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
]

// Each rule: what it objects to and what it lets pass; where the server can tell, it is asked.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { lintSurvey, loadRules } from '../../src/lint/index.ts'
import {
  byServer,
  type Catalog,
  defineCatalog,
  defineSurvey,
  float64,
  int64,
  type Survey,
} from '../../src/model/index.ts'
import { type Migration, readMigrations, writeNewMigrations } from '../../src/postgres/index.ts'
import { v1, v2, v3 } from '../postgres/migrating-survey.ts'
import { scratchDatabase, scratchServer } from '../postgres/scratch.ts'

const by = byServer('test')
const base = {
  name: 's.t',
  title: 'T',
  columns: { id: int64(by, 'Identifier.', { ucd: 'meta.id' }) },
  key: ['id'],
}
const survey = (changes: object = {}): Survey =>
  defineSurvey({
    name: 's',
    title: 'S',
    schema: 's',
    version: '1',
    catalogs: [defineCatalog({ ...base, ...changes } as never) as unknown as Catalog],
  })

const migration = (number: string, upSql: string, downSql = 'SELECT;'): Migration =>
  ({ number, name: 'm', upSql, downSql }) as Migration

/** A table that is there, with a comment on everything. */
const first = `CREATE TABLE t (id bigint PRIMARY KEY, n integer, f double precision, name text, v varchar(8), p numeric(8,2), at timestamptz);
COMMENT ON TABLE t IS 'T';
${['id', 'n', 'f', 'name', 'v', 'p', 'at'].map((each) => `COMMENT ON COLUMN t.${each} IS 'x';`).join('\n')}`

async function lint(up: string, down?: string): Promise<string[]> {
  const migrations = [migration('0001', first), migration('0002', up, down)]
  const findings = await lintSurvey({ survey: survey(), migrations, folder: 'm' })
  return findings.map(({ rule }) => rule)
}

const objected: [rule: string, sql: string, down?: string][] = [
  ['missing-down', 'ALTER TABLE t DROP COLUMN n', '-- nothing here\n/* nor here */'],
  ['rewrite-under-lock', 'ALTER TABLE t ALTER n TYPE bigint'],
  ['rewrite-under-lock', 'ALTER TABLE s.t SET UNLOGGED'],
  [
    'rewrite-under-lock',
    "ALTER TABLE t ADD r double precision DEFAULT random(); COMMENT ON COLUMN t.r IS 'x'",
  ],
  [
    'rewrite-under-lock',
    "ALTER TABLE t ADD g integer GENERATED ALWAYS AS (n + 1) STORED; COMMENT ON COLUMN t.g IS 'x'",
  ],
  ['rewrite-under-lock', 'CLUSTER t USING t_pkey'],
  ['rewrite-under-lock', 'VACUUM FULL t'],
  ['scan-under-lock', 'ALTER TABLE t ALTER n SET NOT NULL'],
  ['scan-under-lock', 'ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0)'],
  ['scan-under-lock', 'ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES t (id)'],
  ['scan-under-lock', 'ALTER TABLE t ADD CONSTRAINT c UNIQUE (n)'],
  [
    'scan-under-lock',
    'ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c',
  ],
  ['index-blocks-writes', 'CREATE INDEX i ON t (n)'],
  ['required-column-without-default', "ALTER TABLE t ADD r integer NOT NULL; COMMENT ON COLUMN t.r IS 'x'"],
  ['drop-cascade', 'DROP VIEW w CASCADE'],
  ['drop-cascade', 'ALTER TABLE t DROP COLUMN n CASCADE'],
  ['drop-cascade', 'TRUNCATE t CASCADE'],
  ['grant-to-public', 'GRANT SELECT ON t TO PUBLIC'],
  ['grant-to-public', 'GRANT SELECT (n) ON t TO public, astronomer'],
  ['grant-to-public', 'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC'],
  [
    'security-definer-search-path',
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
  ],
  ['view-without-invoker', "CREATE VIEW w AS SELECT 1 AS a; COMMENT ON VIEW w IS 'w'"],
  ['missing-comment', 'CREATE TABLE u ()'],
  ['missing-comment', "CREATE TABLE u (a integer); COMMENT ON TABLE u IS 'u'"],
  ['missing-comment', 'COMMENT ON COLUMN t.n IS NULL'],
  ['syntax', 'ALTER TABEL t'],
]

const accepted: [why: string, sql: string, down?: string][] = [
  ['a longer varchar keeps the rows', 'ALTER TABLE t ALTER v TYPE varchar(20)'],
  ['so does text', 'ALTER TABLE t ALTER v TYPE text'],
  [
    'a constant default is stored once',
    "ALTER TABLE t ADD r real DEFAULT 7 NOT NULL; COMMENT ON COLUMN t.r IS 'x'",
  ],
  ['now() is one value', "ALTER TABLE t ADD r timestamptz DEFAULT now(); COMMENT ON COLUMN t.r IS 'x'"],
  [
    'so is CURRENT_TIMESTAMP',
    "ALTER TABLE t ADD r timestamptz DEFAULT CURRENT_TIMESTAMP; COMMENT ON COLUMN t.r IS 'x'",
  ],
  ['NOT VALID reads nothing', 'ALTER TABLE t ADD CONSTRAINT c CHECK (n > 0) NOT VALID'],
  ['a key by an index built before', 'ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i'],
  ['concurrently', 'CREATE INDEX CONCURRENTLY i ON t (n)'],
  [
    'a table that is new',
    "CREATE TABLE u (); COMMENT ON TABLE u IS 'u'; CREATE INDEX i ON u (n); ALTER TABLE u ADD CHECK (n > 0)",
  ],
  [
    'the way down may block',
    'ALTER TABLE t DROP COLUMN v',
    'ALTER TABLE t ALTER n TYPE bigint; GRANT SELECT ON t TO PUBLIC',
  ],
  ['taking from PUBLIC', 'REVOKE ALL ON t FROM PUBLIC'],
  ['a grant to a role', 'GRANT SELECT ON t TO astronomer'],
  [
    'a definer with a path',
    "CREATE FUNCTION g() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1'",
  ],
  ['an invoker', "CREATE VIEW w WITH (security_invoker) AS SELECT 1 AS a; COMMENT ON VIEW w IS 'w'"],
  ['a column that goes', 'ALTER TABLE t DROP COLUMN n'],
  [
    'a reason',
    '-- lint: allow scan-under-lock because the table has 40 rows\nALTER TABLE t ALTER n SET NOT NULL',
  ],
]

describe('rules on statements', () => {
  test.each(objected)('%s objects to %s', async (rule, sql, down) => {
    expect(await lint(sql, down)).toEqual([rule])
  })
  test.each(accepted)('none objects: %s', async (_, sql, down) => {
    expect(await lint(sql, down)).toEqual([])
  })

  test('NOT NULL by a check that an earlier migration made valid', async () => {
    const steps = [
      'ALTER TABLE t ADD CONSTRAINT c CHECK (n IS NOT NULL) NOT VALID',
      'ALTER TABLE t VALIDATE CONSTRAINT c; ALTER TABLE t ALTER n SET NOT NULL; ALTER TABLE t DROP CONSTRAINT c',
    ]
    const migrations = [first, ...steps].map((sql, i) => migration(`000${i + 1}`, sql))
    expect(await lintSurvey({ survey: survey(), migrations, folder: 'm' })).toEqual([])
    const without = [first, steps[1]!.split(';')[1]!].map((sql, i) => migration(`000${i + 1}`, sql))
    expect(await lintSurvey({ survey: survey(), migrations: without, folder: 'm' })).toMatchObject([
      { rule: 'scan-under-lock', where: 'm/0002_m.up.sql:1' },
    ])
  })

  test('an allowance needs a reason, and holds for its own rule and statement only', async () => {
    expect(await lint('-- lint: allow scan-under-lock\nALTER TABLE t ALTER n SET NOT NULL')).toEqual([
      'scan-under-lock',
    ])
    expect(
      await lint('-- lint: allow grant-to-public because why not\nALTER TABLE t ALTER n SET NOT NULL;'),
    ).toEqual(['scan-under-lock'])
  })

  test('the place is the line of the statement', async () => {
    const migrations = [
      migration('0001', first),
      migration('0002', "SELECT 'é;';\n-- next\n\nVACUUM FULL t;"),
    ]
    const [finding] = await lintSurvey({ survey: survey(), migrations, folder: 'm' })
    expect(finding).toMatchObject({ where: 'm/0002_m.up.sql:4', rule: 'rewrite-under-lock', level: 'error' })
  })

  test('what is new to the rules on rewriting is what the server rewrites', async () => {
    await using database = await scratchDatabase()
    const { client } = database
    await client.query(`CREATE SCHEMA s; SET search_path = s; ${first}`)
    const file = async () =>
      (await client.query("SELECT relfilenode FROM pg_class WHERE oid = 's.t'::regclass")).rows[0]!
        .relfilenode
    const types = [
      'p TYPE numeric(9,2)',
      'p TYPE numeric(9,1)',
      'p TYPE numeric',
      'v TYPE varchar(9)',
      'f TYPE real',
      'name TYPE varchar(9)',
    ]
    const statements = [
      ...objected.map(([, sql]) => sql),
      ...accepted.map(([, sql]) => sql),
      ...types.map((each) => `ALTER TABLE t ALTER ${each}`),
    ].filter((sql) => /^ALTER TABLE (s\.)?t (ALTER|ADD|SET)/.test(sql) && !/USING INDEX/.test(sql))
    expect(statements.length).toBeGreaterThan(12)
    for (const sql of statements) {
      await client.query('BEGIN')
      const before = await file()
      await client.query(sql)
      const rewritten = (await file()) !== before
      await client.query('ROLLBACK')
      expect([sql, (await lint(sql)).includes('rewrite-under-lock')]).toEqual([sql, rewritten])
    }
  })
})

describe('changes of type', () => {
  const kind = async (column: string, type: string) =>
    (await lint(`ALTER TABLE t ALTER ${column} TYPE ${type}`)).filter((rule) => rule !== 'rewrite-under-lock')
  test.each([
    ['n', 'bigint', []],
    ['n', 'double precision', []],
    ['n', 'numeric', []],
    ['n', 'text', []],
    ['n', 'smallint', ['type-narrowing']],
    ['n', 'real', ['type-narrowing']],
    ['f', 'real', ['type-narrowing']],
    ['f', 'integer', ['type-narrowing']],
    ['name', 'varchar(5)', ['type-narrowing']],
    ['v', 'varchar(5)', ['type-narrowing']],
    ['v', 'varchar(9)', []],
    ['p', 'numeric(9,2)', []],
    ['p', 'numeric(9,3)', []],
    ['p', 'numeric(9,4)', ['type-narrowing']],
    ['p', 'numeric(9,1)', ['type-narrowing']],
    ['at', 'date', ['type-narrowing']],
    ['at', 'timestamp', ['unsafe-cast']],
    ['name', 'integer', ['unsafe-cast']],
    ['name', 'jsonb', ['unsafe-cast']],
    ['n', 'integer[]', ['unsafe-cast']],
  ])('%s to %s: %j', async (column, type, rules) => {
    expect(await kind(column, type)).toEqual(rules)
  })
})

describe('rules on declarations', () => {
  const of = async (changes: object) =>
    (await lintSurvey({ survey: survey(changes), migrations: [], folder: 'm' })).map(
      ({ rule, where }) => `${rule} ${where}`,
    )
  const column = (options: object) => ({ columns: { ...base.columns, x: float64(by, 'X.', options) } })

  test('units and UCDs', async () => {
    expect(await of(column({}))).toEqual(['missing-ucd s.t.x', 'missing-unit s.t.x'])
    expect(await of(column({ ucd: 'phot.flux' }))).toEqual(['missing-unit s.t.x'])
    expect(await of(column({ ucd: 'phot.flux', unit: 'Jy' }))).toEqual([])
    expect(await of(column({ ucd: 'src.redshift' }))).toEqual([])
    expect(await of(column({ ucd: 'stat.error;src.redshift' }))).toEqual([])
    expect(await of(column({ ucd: 'stat.error;phot.flux' }))).toEqual(['missing-unit s.t.x'])
  })

  test('indexes that another does the work of', async () => {
    const { columns } = column({ ucd: 'src.redshift' })
    const indexes = (list: object) =>
      of({
        columns,
        indexes: list,
        selections: {
          far: (c: typeof columns) => [(c.x as never as { above(n: number): unknown }).above(1)],
        },
      })
    expect(await indexes({ by_x: { btree: ['x'] } })).toEqual([])
    expect(await indexes({ by_id: { btree: ['id'] } })).toEqual(['redundant-index s.t.indexes.by_id'])
    expect(await indexes({ by_x: { btree: ['x'] }, by_x_id: { btree: ['x', 'id'] } })).toEqual([
      'redundant-index s.t.indexes.by_x',
    ])
    expect(await indexes({ by_x: { btree: ['x'] }, also_x: { btree: ['x'] } })).toEqual([
      'redundant-index s.t.indexes.also_x',
    ])
    const covering = { btree: ['x'], include: ['id'] }
    expect(await indexes({ by_x: { btree: ['x'] }, with_id: covering })).toEqual([])
    expect(await indexes({ by_x_id: { btree: ['x', 'id'] }, with_id: covering })).toEqual([
      'redundant-index s.t.indexes.with_id',
    ])
    expect(await indexes({ by_x: { btree: ['x'] }, far_x: { btree: ['x', 'id'], only: 'far' } })).toEqual([])
  })
})

test('an index that nobody uses, and tables by their size', async () => {
  await using database = await scratchDatabase()
  const { client } = database
  await client.query(`CREATE SCHEMA s; CREATE TABLE s.t (id bigint PRIMARY KEY, n integer);
    INSERT INTO s.t SELECT i, i FROM generate_series(1, 60000) i; CREATE INDEX idle ON s.t (n); CREATE INDEX busy ON s.t (n, id); ANALYZE s.t`)
  await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off')
  await client.query('SELECT n, id FROM s.t WHERE n = 5 AND id = 5; SELECT pg_stat_force_next_flush()')
  const migrations = [migration('0001', first), migration('0002', 'CREATE INDEX i ON t (n)')]
  const look = async () =>
    (await lintSurvey({ survey: survey(), migrations, folder: 'm', client })).map(
      ({ rule, where }) => `${rule} ${where}`,
    )
  await expect.poll(look, { timeout: 20_000 }).toEqual(['unused-index index idle'])
})

test('what `migrate new` writes is what the rules ask for, but for what it announces as blocking', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-lint-'))
  const choose = async () => ({ name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
  try {
    for (const [name, version] of Object.entries({ v1, v2, v3 }))
      await writeNewMigrations(scratchServer(), choose, version, folder, name)
    const migrations = readMigrations(folder)
    const findings = await lintSurvey({ survey: v3, migrations, folder })
    const ofFiles = findings.filter(({ where }) => where.includes('.sql:'))
    // Version 2 makes a flux narrower, which the plan announces.
    expect(ofFiles.map(({ rule, where }) => [rule, where.slice(folder.length + 1)])).toEqual([
      ['rewrite-under-lock', expect.stringMatching(/^0002_v2.up.sql/)],
      ['type-narrowing', expect.stringMatching(/^0002_v2.up.sql/)],
    ])
    expect(migrations[1]!.hazards.join()).toContain('rewrites galaxies')
    expect(findings.map(({ rule }) => rule)).not.toContain('missing-comment')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every rule has a page, every page a rule', async () => {
  const docs = fileURLToPath(new URL('../../docs/lint', import.meta.url))
  const rules = [...(await loadRules()).keys(), 'syntax'].sort()
  const pages = readdirSync(docs)
    .filter((name) => name !== 'README.md')
    .map((name) => name.replace('.md', ''))
  expect(pages.sort()).toEqual(rules)
  const index = readFileSync(join(docs, 'README.md'), 'utf8')
  for (const rule of rules) {
    expect(existsSync(join(docs, `${rule}.md`))).toBe(true)
    expect(index).toContain(`[${rule}](${rule}.md)`)
  }
})

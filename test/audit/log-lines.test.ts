// Lines of the log, real ones and such as somebody forged.
import { expect, test } from 'vitest'
import { LogReading } from '../../src/audit/log-lines.ts'

const zones = new Map([
  ['UTC', 0],
  ['CET', 3600],
])
const line = (message: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    timestamp: '2026-11-25 16:04:12.345 UTC',
    user: 'alice',
    dbname: 'd',
    session_id: 's.1',
    line_num: 3,
    message,
    ...more,
  })
const read = (...lines: string[]) => {
  const reading = new LogReading('d', zones)
  for (const each of lines) reading.take(each)
  return reading.finish()
}
const record = (statement: string) => `AUDIT: OBJECT,1,1,READ,SELECT,TABLE,s.t,${statement},<not logged>`

test('a record of pgAudit, its statement with quotes, commas and line ends', () => {
  const [plain, long] = read(line(record('SELECT 1')), line(record('"SELECT ""a"",\n  b"')))
  expect(plain).toMatchObject({
    kind: 'read',
    content: {
      time: '2026-11-25T16:04:12.345Z',
      user: 'alice',
      command: 'SELECT',
      type: 'table',
      object: 's.t',
      statement: 'SELECT 1',
    },
  })
  expect(long!.content.statement).toBe('SELECT "a",\n  b')
})

test('times of other zones; one that nobody knows is left out', () => {
  const time = (timestamp: string) => read(line(record('x'), { timestamp }))[0]!.content.time
  expect(time('2026-11-25 17:04:12.345 CET')).toBe('2026-11-25T16:04:12.345Z')
  expect(time('2026-11-25 12:34:12.345 -0330')).toBe('2026-11-25T16:04:12.345Z')
  expect(time('2026-11-25 17:04:12.345 XYZ')).toBeUndefined()
})

test('a faulty record is told and spoils no other', () => {
  const entries = read(
    line(record('one')),
    line('AUDIT: OBJECT,"unclosed'),
    line(record('two')),
    line('AUDIT: a"b,"c'),
    line('AUDIT: a\nb'),
    '{"half',
    line(record('three')),
  )
  expect(entries.map(({ kind, content }) => `${kind} ${content.statement}`)).toEqual([
    'read one',
    'unreadable OBJECT,"unclosed',
    'read two',
    'unreadable a"b,"c',
    'unreadable a\nb',
    'unreadable {"half',
    'read three',
  ])
})

test('what somebody raised himself is told as forged', () => {
  const [entry] = read(line(record('x'), { context: 'PL/pgSQL function inline_code_block line 1 at RAISE' }))
  expect(entry).toMatchObject({ kind: 'forged', content: { user: 'alice' } })
})

test('secrets are left out, also of refusals', () => {
  const text = JSON.stringify(
    read(
      line(
        "AUDIT: SESSION,1,1,DDL,CREATE USER MAPPING,,,CREATE USER MAPPING FOR x OPTIONS (password 'sesame'),<not logged>",
      ),
      line(record("SELECT pgp_sym_encrypt('a'; 'sesame')")),
      line('permission denied', { state_code: '42501', statement: "SELECT decrypt('x', 'sesame', 'aes')" }),
    ),
  )
  expect(text).not.toMatch(/sesame/)
  expect(text.match(/left out/g)).toHaveLength(3)
})

test('of other databases only roles and the server count, of settings only telling ones', () => {
  const other = { dbname: 'other' }
  const kinds = read(
    line(record('x'), other),
    line('AUDIT: SESSION,1,1,ROLE,GRANT ROLE,,,GRANT a TO b,<not logged>', other),
    line("AUDIT: SESSION,1,1,DDL,ALTER SYSTEM,,,ALTER SYSTEM SET work_mem = '1MB',<not logged>", other),
    line("AUDIT: SESSION,1,1,MISC,SET,,,SET work_mem = '1MB',<not logged>"),
    line('AUDIT: SESSION,1,1,MISC,SET,,,SET ROLE a,<not logged>'),
  ).map(({ kind }) => kind)
  expect(kinds).toEqual(['role', 'ddl', 'setting'])
})

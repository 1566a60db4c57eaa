// What access control refuses, before anything is granted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessMatrix, applyAccess, type Lab, parseLab, planAccess } from '../../src/access/index.ts'
import { defineCatalog, defineSurvey, float64, fromHdu, int64 } from '../../src/model/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { embeddedCluster, type OwnCluster } from './cluster.ts'
import { embargoes, guarded, guardedParts, lab, noSky, targets } from './survey.ts'

describe('a laboratory’s file', () => {
  const faults = (value: unknown) => {
    try {
      parseLab(typeof value === 'string' ? value : JSON.stringify(value), 'lab.json')
      return ''
    } catch (error) {
      expect(error).toMatchObject({ code: 'ACCESS_LAB_FAULTS' })
      return (error as Error).message
    }
  }
  test('tells all faults at once, with the nearest word', () => {
    const text = faults({
      prefix: 'No',
      projects: { voids: { conections: 3, workMem: 'much', connections: 0 } },
      logins: { alice: 'analist', pg_x: 'analyst', bob: 'project:lenses', eve: 'owner' },
      project: {},
    })
    for (const part of [
      /has 9 faults/,
      /prefix: "No"/,
      /did you mean "projects"/,
      /did you mean "connections"/,
      /workMem: "much" is not a size/,
      /connections: 0 is not a number above 0/,
      /"analist"; did you mean "analyst"/,
      /logins.pg_x/,
      /"project:lenses"/,
      /there is no role "owner"/,
    ])
      expect(text).toMatch(part)
  })
  test.each(['', '[]', '{"projects": 3}', '{"logins": []}', '{"projects": {"x": 1}}'])(
    '%s is refused',
    (text) => {
      expect(faults(text)).toMatch(/fault/)
    },
  )
})

describe('a declaration', () => {
  test('of an embargo is checked in all its parts', () => {
    const wrong = {
      ...embargoes[0]!,
      only: 'erly',
      until: '2027-02-30',
      readers: ['colaborator' as never],
      force: true,
    }
    expect(() => defineSurvey({ ...guardedParts, embargoes: [wrong] })).toThrow(
      /2027-02-30[\s\S]*did you mean "early"[\s\S]*did you mean "collaborator"[\s\S]*locks the owner out/,
    )
    const locking = { ...embargoes[0]!, force: true }
    expect(() => defineSurvey({ ...guardedParts, embargoes: [locking] })).toThrow(/locks the owner out/)
  })
  test('of a mask must fit the column', () => {
    const columns = fromHdu('A', {
      id: int64('ID', 'Id.', { sensitivity: 'restricted', mask: { decimals: 2 } }),
      ra: float64('RA', 'RA.', { mask: 'null' }),
    })
    expect(() => defineCatalog({ name: 's.t', title: 'T', columns, key: ['id'] })).toThrow(
      /bigint has no decimals[\s\S]*a public column is shown as it is/,
    )
  })
})

describe('on a server', () => {
  let cluster: OwnCluster
  beforeAll(async () => {
    cluster = await embeddedCluster()
  })
  afterAll(() => cluster.stop())
  const rolesNow = async () =>
    (await cluster.client.query("SELECT count(*)::int AS roles FROM pg_roles WHERE rolname LIKE 'lab\\_%'"))
      .rows[0]?.roles

  test('nothing is granted on a survey that is not built', async () => {
    await expect(planAccess(cluster.client, lab, [guarded])).rejects.toMatchObject({
      code: 'ACCESS_SURVEY_NOT_BUILT',
    })
  })

  test('a role of that name that is not Almagest’s stops it, and nothing is half granted', async () => {
    await applySurvey(cluster.client, guarded, noSky)
    await cluster.client.query('CREATE ROLE lab_monitor LOGIN SUPERUSER')
    const failure = applyAccess(cluster.client, lab, [guarded])
    await expect(failure).rejects.toMatchObject({ code: 'ACCESS_ROLE_EXISTS' })
    await expect(failure).rejects.toThrow(/lab_monitor \(SUPERUSER, LOGIN\)/)
    expect(await rolesNow()).toBe(1)
    await cluster.client.query('DROP ROLE lab_monitor')
  })

  test('a published view over a restricted column stops it at plan time', async () => {
    const view = { title: 'V', from: targets, columns: { targetid: 'targetid', who: 'proposer' } }
    const computed = { ...view, columns: { hint: { sql: 'secret * 2', description: 'H.' } } }
    for (const each of [view, computed]) {
      const published = [{ name: 'guarded_v1', title: 'V1', readers: [], views: { targets: each } }]
      const survey = defineSurvey({ ...guardedParts, published })
      await expect(planAccess(cluster.client, lab, [survey])).rejects.toMatchObject({
        code: 'ACCESS_VIEW_EXPOSES',
      })
    }
  })

  test('an embargo for a project that the laboratory does not have stops it', async () => {
    const without: Lab = { ...lab, projects: {}, logins: {} }
    await expect(planAccess(cluster.client, without, [guarded])).rejects.toMatchObject({
      code: 'ACCESS_READER_UNKNOWN',
    })
  })

  test('a statement that fails leaves nothing behind', async () => {
    await cluster.client.query('CREATE SCHEMA guarded_masked; CREATE TABLE guarded_masked.targets (x int)')
    await expect(applyAccess(cluster.client, lab, [guarded])).rejects.toThrow(/not a view/)
    expect(await rolesNow()).toBe(0)
    await cluster.client.query('DROP SCHEMA guarded_masked CASCADE')
  })
})

test('the matrix says who reads which columns and rows', () => {
  const of = (role: string) =>
    accessMatrix(lab, [guarded]).find((row) => row.role === role && row.object === 'guarded.targets')
  expect(of('lab_analyst')).toMatchObject({
    rights: ['SELECT'],
    columns: '4 of 8',
    rows: 'without validation until 2999-01-01, lifted until 2020-01-01',
  })
  expect(of('lab_collaborator')).toMatchObject({ columns: '5 of 8', rows: 'without lifted until 2020-01-01' })
  expect(of('lab_auditor')).toBeUndefined()
})

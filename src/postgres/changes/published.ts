// Publishing and withdrawing read schemas: views that give way to a change of their table stand again right after it.
import { type Fact, objectOf } from '../fingerprint/fact.ts'
import { quoteIdentifier, quoteLiteral } from '../identifiers.ts'
import type { Change, FindChanges, Step } from './change.ts'
import { type Delta, ofKind } from './delta.ts'

/**
 * A view that reads a column which goes or changes its type is dropped before and made again after it, in the same
 * transaction: no query finds it missing. All others are made last, when what they read is filled and checked.
 */
export const published: FindChanges = (delta) => [
  ...delta.removed('published schema').map((fact) => schemaGone(delta, fact)),
  ...delta.added('published schema').map((fact) => newSchema(delta, fact)),
  ...delta
    .removed('published view')
    .map((fact) => change(delta, 'drop-view', fact, [dropStep(delta, fact, 'change')])),
  ...delta
    .added('published view')
    .map((fact) => change(delta, 'add-view', fact, makeSteps(delta, fact, 'publish'))),
  ...keptViews(delta).flatMap((fact) => replaced(delta, fact)),
  ...loose(delta),
]

/** `desi_v1.fastspecfit` as SQL. */
function viewName(delta: Delta, view: string): string {
  const [schema, name] = view.split('.') as [string, string]
  return quoteIdentifier(delta.place(schema), name)
}

function schemaGone(delta: Delta, fact: Fact): Change {
  const sql = `DROP SCHEMA ${quoteIdentifier(delta.place(fact.of))}`
  return change(delta, 'drop-read-schema', fact, [{ stage: 'change', phase: 6, sql }])
}

function newSchema(delta: Delta, fact: Fact): Change {
  const sql = `CREATE SCHEMA ${quoteIdentifier(delta.place(fact.of))}`
  return change(delta, 'add-read-schema', fact, [{ stage: 'publish', phase: 5, sql }])
}

function keptViews(delta: Delta): Fact[] {
  return ofKind(delta.to, 'published view').filter((fact) => delta.from[objectOf(fact)])
}

const optionsOf = ({ of }: Fact) => `published storage parameters of view ${of}`

function replaced(delta: Delta, after: Fact): Change[] {
  const before = delta.from[objectOf(after)]!
  const options = optionsOf(after)
  const differs =
    before.definition !== after.definition ||
    delta.from[options]?.definition !== delta.to[options]?.definition
  const gives = givesWay(delta, before)
  if (!differs && !gives) return []
  const stage = gives ? 'change' : 'publish'
  return [
    change(delta, 'replace-view', after, [dropStep(delta, before, stage), ...makeSteps(delta, after, stage)]),
  ]
}

/** Whether a view reads a table that goes or is made anew, or whose columns go or change their type. */
function givesWay(delta: Delta, { definition }: Fact): boolean {
  const columns = [...delta.removed('column'), ...delta.changed('column').map(({ before }) => before)]
  const tables = [...[...delta.removed('table'), ...columns].map(({ of }) => of), ...delta.rebuilt]
  return tables.some((table) => {
    const [, ...after] = definition.split(/\bFROM\b/)
    return after
      .join()
      .match(/"(?:[^"]|"")+"|[a-z_]\w*/g)
      ?.some((word) => word === table || word === `"${table}"`)
  })
}

function dropStep(delta: Delta, { of }: Fact, stage: Step['stage']): Step {
  return { stage, phase: stage === 'change' ? 5 : 10, sql: `DROP VIEW ${viewName(delta, of)}` }
}

/** The view with everything that hangs on it: comments, and the grants in force after the change. */
function makeSteps(delta: Delta, view: Fact, stage: Step['stage']): Step[] {
  const options = delta.to[optionsOf(view)]?.definition
  const create = `CREATE VIEW ${viewName(delta, view.of)}${options ? ` WITH (${options})` : ''} AS ${view.definition.trim().replace(/;$/, '')}`
  const own = Object.values(delta.to).filter((fact) => hangsOn(fact, view.of))
  return [create, ...own.map((fact) => setSql(delta, fact))].map((sql, i) => ({
    stage,
    phase: (stage === 'change' ? 95 : 20) + i / 1000,
    sql,
  }))
}

const attached = ['published comment on view', 'published comment on column', 'published grant on view']
const ofSchema = ['published comment on schema', 'published grant on schema']

function hangsOn(fact: Fact, view: string): boolean {
  return attached.includes(fact.kind) && fact.of === view
}

/** Comments and grants that change on what stays. */
function loose(delta: Delta): Change[] {
  const remade = new Set([
    ...delta.added('published view').map(({ of }) => of),
    ...keptViews(delta)
      .filter((fact) => replaced(delta, fact).length > 0)
      .map(({ of }) => of),
  ])
  const there = (fact: Fact) =>
    ofSchema.includes(fact.kind)
      ? delta.to[`published schema ${fact.of}`]
      : delta.to[`published view ${fact.of}`]
  return [...attached, ...ofSchema].flatMap((kind) => {
    const step = (sql: string): Step[] => [{ stage: 'publish', phase: kind.endsWith('schema') ? 6 : 30, sql }]
    const gone = delta.removed(kind).filter((fact) => there(fact) && !remade.has(fact.of))
    const changed = delta.changed(kind).filter(({ after }) => !remade.has(after.of))
    const given = delta.added(kind).filter((fact) => !remade.has(fact.of))
    return [
      ...gone.map((fact) => change(delta, 'publish', fact, step(unsetSql(delta, fact)))),
      ...changed.map(({ before, after }) =>
        change(delta, 'publish', after, [
          ...(kind.includes('grant') ? step(unsetSql(delta, before)) : []),
          ...step(setSql(delta, after)),
        ]),
      ),
      ...given.map((fact) => change(delta, 'publish', fact, step(setSql(delta, fact)))),
    ]
  })
}

function target(delta: Delta, { kind, of, name }: Fact): string {
  if (ofSchema.includes(kind)) return `SCHEMA ${quoteIdentifier(delta.place(of))}`
  if (kind === 'published grant on view') return viewName(delta, of)
  const view = viewName(delta, of)
  return kind.endsWith('column') ? `COLUMN ${view}.${quoteIdentifier(name!)}` : `VIEW ${view}`
}

function setSql(delta: Delta, fact: Fact): string {
  return fact.kind.includes('grant')
    ? `GRANT ${fact.definition} ON ${target(delta, fact)} TO ${role(fact)}`
    : `COMMENT ON ${target(delta, fact)} IS ${quoteLiteral(fact.definition)}`
}

function unsetSql(delta: Delta, fact: Fact): string {
  return fact.kind.includes('grant')
    ? `REVOKE ALL ON ${target(delta, fact)} FROM ${role(fact)}`
    : `COMMENT ON ${target(delta, fact)} IS NULL`
}

/** The server gives role names quoted where they need it. */
function role({ name }: Fact): string {
  return name === 'the owner' ? 'CURRENT_USER' : name!
}

function change(delta: Delta, kind: string, fact: Fact, steps: readonly Step[]): Change {
  const gone = kind === 'drop-view' || kind === 'drop-read-schema'
  return {
    kind,
    object: objectOf(fact),
    steps,
    lock: 'ACCESS EXCLUSIVE',
    tables: [fact.of],
    work: 'none',
    hazards: gone && !delta.to[objectOf(fact)] ? [`queries that name ${fact.of} fail from then on`] : [],
  }
}

// A schema's fingerprint: every fact about it by name, its text, and one hash over what a definition makes of it.
import { createHash } from 'node:crypto'
import { type Fact, objectOf } from './fact.ts'

/** Object name -> fact. Columns stand in the table's order; the order is no part of the hash. */
export type Fingerprint = Readonly<Record<string, Fact>>

export function fingerprintOf(facts: readonly Fact[]): Fingerprint {
  return Object.fromEntries(facts.map((fact) => [objectOf(fact), fact]))
}

/** Facts of the whole database, and of who owns the schema: they differ between deployments by right. */
const ofDeployment = /^(event trigger|database-wide default privileges|owner of schema)\b/

/** The facts that must be the same wherever the same definition is built. */
export function portable(fingerprint: Fingerprint): Fingerprint {
  return Object.fromEntries(Object.entries(fingerprint).filter(([object]) => !ofDeployment.test(object)))
}

/** Facts about who may do what: a deployment has more of them than its definition gives. */
const ofRights =
  /^(published )?(owner of|grant on|policy|row security of|comment on policy|default privileges)\b/

/** The rights among the portable facts, by name. */
export function rightsOf(fingerprint: Fingerprint): Fingerprint {
  return Object.fromEntries(
    Object.entries(portable(fingerprint)).filter(([, { kind }]) => ofRights.test(kind)),
  )
}

/** SHA-256 in hexadecimal of the sorted portable facts, rights apart. */
export function fingerprintHash(fingerprint: Fingerprint): string {
  const hash = createHash('sha256')
  const facts = sorted(portable(fingerprint)).filter(([, { kind }]) => !ofRights.test(kind))
  for (const [object, { definition }] of facts) hash.update(JSON.stringify([object, definition])).update('\n')
  return hash.digest('hex')
}

/** One line per fact, sorted: what `diff` can compare. */
export function printFingerprint(fingerprint: Fingerprint): string {
  return sorted(fingerprint)
    .map(([object, { definition }]) => (definition === '' ? object : `${object}: ${definition}`))
    .join('\n')
}

function sorted(fingerprint: Fingerprint): [string, Fact][] {
  return Object.entries(fingerprint).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

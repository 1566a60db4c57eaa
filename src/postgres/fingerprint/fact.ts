// A fact: one property of one object of the database, in the server's own canonical text.

/** A property of an object; all facts of a schema together are its fingerprint. */
export interface Fact {
  /** What is stated: `table`, `column`, `default of column`, `grant on table` … */
  readonly kind: string
  /** The relation, or the type, that the object belongs to, or its own name when it is one. */
  readonly of: string
  /** Name within `of`: a column, constraint, trigger, policy or role. */
  readonly name?: string
  readonly definition: string
}

/** How a fact is named to people: `column galaxies.z`, `grant on table galaxies to astronomer`. */
export function objectOf({ kind, of, name }: Fact): string {
  const base = of === '' ? kind : `${kind} ${of}`
  if (name === undefined) return base
  return /^(published )?(grant|default privileges)/.test(kind) ? `${base} to ${name}` : `${base}.${name}`
}

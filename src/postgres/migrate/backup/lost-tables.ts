// Which tables the steps between two versions lose data of.
import { ofKind, parentTable } from '../../changes/delta.ts'
import type { Fingerprint } from '../../fingerprint/fingerprint.ts'
import type { Migration } from '../folder.ts'

/** What is lost for good on the way from one version to another, in the manifests' words. */
export function lossesBetween(migrations: readonly Migration[], from: number, to: number): string[] {
  return to > from
    ? migrations.slice(from, to).flatMap(({ irreversible }) => irreversible.up)
    : migrations.slice(to, from).flatMap(({ irreversible }) => irreversible.down)
}

/**
 * The tables that hold what is lost: all of them where a loss names none that is there, because it was written by hand or
 * the table has another name by then.
 */
export function tablesOfLosses(losses: readonly string[], tables: readonly string[]): string[] {
  const named = losses.map((loss) =>
    tables.find((table) => new RegExp(`^(values of )?(table|column) ${escaped(table)}(\\.|$)`).test(loss)),
  )
  if (named.includes(undefined)) return [...tables]
  return tables.filter((table) => named.includes(table))
}

/** Tables that are no partition of another. */
export function wholeTables(facts: Fingerprint): string[] {
  return ofKind(facts, 'table')
    .filter((fact) => parentTable(fact) === undefined)
    .map(({ of }) => of)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

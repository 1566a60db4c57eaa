// What a lint rule is, and what it finds.
import type { Survey } from '../model/index.ts'
import type { Client, Migration } from '../postgres/index.ts'
import type { Statement } from './statements.ts'
import type { Story } from './story.ts'

export type Level = 'error' | 'warning'

/** Something a rule objects to, in words. */
export interface Objection {
  readonly problem: string
  readonly remedy: string
}

export interface Finding extends Objection {
  readonly rule: string
  readonly level: Level
  /** File and line, path in the declaration, or object of the database. */
  readonly where: string
}

/** A migration in one direction, read as statements. */
export interface Step {
  readonly migration: Migration
  readonly way: 'up' | 'down'
  readonly statements: readonly Statement[]
}

/** An objection to something that is no statement; `where` says to what. */
export type Placed = Objection & { readonly where: string }

/**
 * A rule looks at one or several of these. Statements come in the order in which they run, with the story of
 * what was done before them.
 */
export interface Rule {
  readonly level: Level
  readonly statement?: (statement: Statement, story: Story, step: Step) => Objection[]
  readonly step?: (step: Step, other: Step) => Objection[]
  /** After the last migration. */
  readonly end?: (story: Story) => Placed[]
  readonly survey?: (survey: Survey) => Placed[]
  readonly database?: (client: Client, survey: Survey) => Promise<Placed[]>
}

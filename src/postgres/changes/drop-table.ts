// Dropping a table, or moving it out of the way with all its rows.
import type { Fact } from '../fingerprint/fact.ts'
import { quoteIdentifier } from '../identifiers.ts'
import type { FindChanges } from './change.ts'

/** A partition is gone with its table already. */
const isPart = (fact: Pick<Fact, 'definition'>) => / ?PARTITION OF /.test(fact.definition)

export const dropTable: FindChanges = (delta) =>
  delta
    .removed('table')
    .filter(({ of }) => !delta.rebuilt.has(of))
    .map(({ of: table, ...fact }) => ({
      kind: 'drop-table',
      object: `table ${table}`,
      steps: [
        {
          stage: 'change',
          phase: 31,
          sql: `DROP TABLE ${isPart(fact) ? 'IF EXISTS ' : ''}${quoteIdentifier(table)}`,
        },
      ],
      lock: 'ACCESS EXCLUSIVE',
      tables: [table],
      work: 'none',
      hazards: [`queries that name ${table} fail from then on`],
      loses: `table ${table}`,
      keep: (kept) => ({
        forward: [`ALTER TABLE ${quoteIdentifier(table)} SET SCHEMA ${quoteIdentifier(kept.schema)}`],
        back: [`ALTER TABLE ${quoteIdentifier(kept.schema, table)} SET SCHEMA ${quoteIdentifier(kept.from)}`],
      }),
    }))

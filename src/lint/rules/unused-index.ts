// An index of the database that no query has used since the statistics began.
import type { Rule } from '../rule.ts'

/** Bytes below which an index costs next to nothing: its table may be too small for any index. */
const smallBytes = 1e6

export const rule: Rule = {
  level: 'warning',
  database: async (client, { schema }) => {
    const { rows } = await client.query<{ name: string; bytes: string; since: Date | null }>(
      `SELECT relname AS table, indexrelname AS name, pg_relation_size(s.indexrelid)::text AS bytes,
         (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()) AS since
       FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)
       WHERE schemaname = $1 AND idx_scan = 0 AND NOT indisunique AND pg_relation_size(s.indexrelid) > $2
         AND EXISTS (SELECT FROM pg_stat_user_tables t WHERE t.relid = s.relid AND coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0)
       ORDER BY 2`,
      [schema, smallBytes],
    )
    return rows.map(({ name, bytes, since }) => ({
      where: `index ${name}`,
      problem: `${(Number(bytes) / 1e6).toFixed(0)} MB that no query has used ${since ? `since ${since.toISOString()}` : 'since the statistics began'}`,
      remedy:
        'When that time is long enough to tell, take it out of the declaration; look at replicas first.',
    }))
  },
}

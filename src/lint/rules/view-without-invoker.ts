// A view that reads with its owner's rights, past the row policies that hold for the caller.
import { relationName } from '../nodes.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'warning',
  statement: ({ node }, story, { way }) => {
    if (way === 'down' || !('ViewStmt' in node)) return []
    const options = JSON.stringify(node.ViewStmt.options ?? [])
    if (/"defname":"security_invoker"/.test(options)) return []
    return [
      {
        problem: `the view ${relationName(node.ViewStmt.view!, story.schema)} reads with its owner's rights: row policies and column grants of its tables do not hold for those who read it`,
        remedy:
          'Add WITH (security_invoker = true); where the owner’s rights are wanted, say so with security_invoker = false.',
      },
    ]
  },
}

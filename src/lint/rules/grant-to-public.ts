// A right given to everybody who can connect.
import type { GrantStmt } from 'libpg-query'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }, _, { way }) => {
    const grant: GrantStmt | undefined =
      'GrantStmt' in node
        ? node.GrantStmt
        : 'AlterDefaultPrivilegesStmt' in node
          ? node.AlterDefaultPrivilegesStmt.action
          : undefined
    const everybody = (grant?.grantees ?? []).some(
      (each) => 'RoleSpec' in each && each.RoleSpec.roletype === 'ROLESPEC_PUBLIC',
    )
    // On the way down it gives back what the way up took.
    if (way === 'down' || !grant?.is_grant || !everybody) return []
    return [
      {
        problem: 'the right goes to PUBLIC: to every role there is and every one to come',
        remedy: 'Grant it to a role, and that role to people.',
      },
    ]
  },
}

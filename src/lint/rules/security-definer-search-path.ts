// A function that runs with its owner's rights, and finds its objects by the caller's search path.
import type { Node } from 'libpg-query'
import { textsOf } from '../nodes.ts'
import type { Rule } from '../rule.ts'

export const rule: Rule = {
  level: 'error',
  statement: ({ node }) => {
    if (!('CreateFunctionStmt' in node)) return []
    const { funcname, options = [] } = node.CreateFunctionStmt
    const definer = options.some(
      (each) => optionIs(each, 'security') && JSON.stringify(each).includes('"boolval":true'),
    )
    const pathSet = options.some(
      (each) => optionIs(each, 'set') && JSON.stringify(each).includes('"search_path"'),
    )
    if (!definer || pathSet) return []
    return [
      {
        problem: `${textsOf(funcname).join('.')} is SECURITY DEFINER and sets no search_path: a caller can put objects of their own in the way`,
        remedy: 'Add SET search_path = pg_catalog, pg_temp, and name everything else with its schema.',
      },
    ]
  },
}

function optionIs(node: Node, name: string): boolean {
  return 'DefElem' in node && node.DefElem.defname === name
}

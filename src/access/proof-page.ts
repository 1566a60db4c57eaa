// A proof as one HTML page: objects by roles, what was expected against what happened.
import type { Cell } from './cell.ts'
import type { Proof } from './prove.ts'

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)

const style = `body{font:14px/1.4 sans-serif;margin:2em;color:#222}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:2px 6px;text-align:left}
th{background:#f3f3f3;position:sticky;top:0}td.allowed,td.seen{background:#e3f1e3}td.bad{background:#c00;color:#fff;font-weight:bold}`

/** The whole page; it needs nothing else. */
export function proofPage({ cells, attempts, unexpected, notAssessed }: Proof): string {
  const roles = [...new Set(cells.map(({ role }) => role))]
  const lines = new Map<string, Map<string, Cell>>()
  for (const cell of cells) {
    const name = `${cell.object}\0${cell.action}`
    lines.set(name, (lines.get(name) ?? new Map()).set(cell.role, cell))
  }
  const rows = [...lines].map(([name, byRole]) => {
    const [object, action] = name.split('\0')
    const values = roles.map((role) => cellHtml(byRole.get(role)))
    return `<tr><td>${escapeHtml(object!)}</td><td>${escapeHtml(action!)}</td>${values.join('')}</tr>`
  })
  const left = notAssessed.map((each) => `<li>${escapeHtml(each)}</li>`).join('')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Access: expected against observed</title><style>${style}</style>
<h1>Access: expected against observed</h1>
<p>${attempts} attempts, ${unexpected} with an unexpected outcome.</p>${left ? `<p>Not assessed:</p><ul>${left}</ul>` : ''}
<table><thead><tr><th>object</th><th>action</th>${roles.map((role) => `<th>${escapeHtml(role)}</th>`).join('')}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></html>
`
}

function cellHtml(cell: Cell | undefined): string {
  if (!cell) return '<td></td>'
  const { observed, expected, holds, sqlState } = cell
  if (holds) return `<td class="${escapeHtml(observed)}">${escapeHtml(observed)}</td>`
  return `<td class="bad">${escapeHtml(`${observed}${sqlState ? ` (${sqlState})` : ''}, expected ${expected}`)}</td>`
}

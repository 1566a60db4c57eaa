// The page: one HTML file with everything in it, that opens offline.
import { type Cell, csvOf, type Figure, type Table } from './figure.ts'

export interface Page {
  readonly title: string
  /** Paragraphs of plain text. */
  readonly intro: readonly string[]
  readonly tables: readonly { readonly title: string; readonly caption: string; readonly table: Table }[]
  readonly figures: readonly Figure[]
}

/** Rows of a table that the page shows; the CSV behind its button has all. */
const SHOWN_ROWS = 100

export function pageOf({ title, intro, tables, figures }: Page): string {
  const contents = figures.map(({ id, title: name }) => `<a href="#${id}">${escaped(name)}</a>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
${intro.map((each) => `<p>${escaped(each)}</p>`).join('\n')}
<nav>${contents.join(' ')}</nav>
</header>
<main>
${tables.map(({ title: name, caption, table }) => `<section>\n<h2>${escaped(name)}</h2>\n<p>${escaped(caption)}</p>\n${tableHtml(table)}\n</section>`).join('\n')}
${figures.map(figureHtml).join('\n')}
</main>
<script>${script}</script>
</body>
</html>
`
}

function figureHtml({ id, title, caption, legend, panels, table }: Figure): string {
  const keys = legend.map(
    ([word, colour]) => `<li><span style="background:${escaped(colour)}"></span>${escaped(word)}</li>`,
  )
  const drawn = panels.map(
    (panel) => `<figure id="${escaped(`${id}-${panel.id}`)}">
<figcaption>${escaped(panel.title)}</figcaption>
${panel.svg}
<div class="save"><button data-save="svg">SVG</button> <button data-save="png">PNG</button></div>
</figure>`,
  )
  const shown = { ...table, rows: table.rows.slice(0, SHOWN_ROWS) }
  const rest = table.rows.length > SHOWN_ROWS ? `, the first ${SHOWN_ROWS} shown` : ''
  return `<section id="${escaped(id)}">
<h2>${escaped(title)}</h2>
<p>${escaped(caption)}</p>
${keys.length > 0 ? `<ul class="legend">${keys.join('')}</ul>` : ''}
<div class="panels">
${drawn.join('\n')}
</div>
<details><summary>As a table (${table.rows.length.toLocaleString('en-US')} rows${rest})</summary>
<p><button data-save="csv">CSV of all rows</button></p>
${tableHtml(shown)}
<script type="text/csv">${csvOf(table).replaceAll('<', '&lt;')}</script>
</details>
</section>`
}

function tableHtml({ columns, rows }: Table): string {
  const cell = (value: Cell) =>
    typeof value === 'number' ? `<td class="number">${shown(value)}</td>` : `<td>${escaped(value ?? '')}</td>`
  const head = columns
    .map((name) => `<th>${escaped(/^[a-z0-9_]+$/.test(name) ? name.replaceAll('_', ' ') : name)}</th>`)
    .join('')
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')
  return `<div class="table"><table><thead><tr>${head}</tr></thead>\n<tbody>${body}</tbody></table></div>`
}

const shown = (value: number) => (Number.isInteger(value) ? value.toLocaleString('en-US') : String(value))

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}

const style = `
:root { color-scheme: light; --line: #d8d8d8; --link: #00558a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1040px; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 0.3rem; }
p { max-width: 46rem; margin: 0.4rem 0; }
nav a { display: inline-block; margin: 0.2rem 0.9rem 0.2rem 0; color: var(--link); }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1.2rem; margin: 0.6rem 0; align-items: start; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; }
figure svg { width: 100%; height: auto; max-width: 560px; display: block; }
.legend { list-style: none; padding: 0; margin: 0.4rem 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; }
.legend span { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 50%; margin-right: 0.4em; }
.save { visibility: hidden; }
.js .save { visibility: visible; }
button { font: inherit; font-size: 0.8rem; padding: 0.05rem 0.6rem; border: 1px solid var(--line); border-radius: 4px; background: #fff; color: var(--link); cursor: pointer; }
summary { cursor: pointer; color: var(--link); }
.table { overflow-x: auto; max-height: 26rem; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th { position: sticky; top: 0; background: #fff; text-align: left; }
th, td { padding: 0.2rem 0.7rem 0.2rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number { text-align: right; }
@media print { nav, .save, details button { display: none; } figure { break-inside: avoid; } }
`

const script = `
document.documentElement.classList.add('js')
function save(name, type, data) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(data instanceof Blob ? data : new Blob([data], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}
document.addEventListener('click', ({ target }) => {
  const kind = target.dataset.save
  if (!kind) return
  if (kind === 'csv') {
    const text = target.closest('details').querySelector('script').textContent.replaceAll('&lt;', '<')
    return save(target.closest('section').id + '.csv', 'text/csv', text)
  }
  const figure = target.closest('figure')
  const svg = figure.querySelector('svg')
  const text = new XMLSerializer().serializeToString(svg)
  if (kind === 'svg') return save(figure.id + '.svg', 'image/svg+xml', text)
  const image = new Image()
  image.onload = () => {
    const canvas = document.createElement('canvas')
    canvas.width = 3 * svg.getAttribute('width')
    canvas.height = 3 * svg.getAttribute('height')
    const context = canvas.getContext('2d')
    context.fillStyle = 'white'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    canvas.toBlob((blob) => save(figure.id + '.png', 'image/png', blob))
  }
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text)
})
`

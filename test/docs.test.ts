// What the documentation says of the code is what the code says of itself.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const checkout = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(checkout, path), 'utf8')

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
}

test('generated pages are up to date', () => {
  const tsx = join(checkout, 'node_modules/tsx/dist/cli.mjs')
  const { status, stderr } = spawnSync(process.execPath, [tsx, 'scripts/docs.ts', '--check'], {
    cwd: checkout,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

describe('docs/errors.md', () => {
  // A code is the first argument of an error, the key of an error table, or the `code` of a meaning.
  const forms = [
    /new AlmagestError\(\s*'([A-Z][A-Z0-9_]+)'/g,
    /^ {2}([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): entry\(/gm,
    /\bcode: '([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g,
  ]
  const documented = new Set(
    [...read('docs/errors.md').matchAll(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)`/g)].map((match) => match[1]!),
  )

  test('lists every code of the sources', () => {
    const sources = [...filesUnder('src', '.ts'), ...filesUnder('catalogs', '.ts')].map(read)
    const codes = new Set(
      sources.flatMap((text) => forms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1]!))),
    )
    expect(codes.size).toBeGreaterThan(80)
    expect([...codes].filter((code) => !documented.has(code))).toEqual([])
  })

  test('lists no code that the sources do not have', () => {
    const text = filesUnder('src', '.ts').concat(filesUnder('catalogs', '.ts')).map(read).join('\n')
    const unknown = [...documented].filter(
      (code) => !text.includes(code) && !/^(FILE_E|DATABASE_URL$|ALMAGEST_|COMMIT$)/.test(code),
    )
    expect(unknown).toEqual([])
  })
})

test('links between pages lead somewhere', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...filesUnder('docs', '.md'),
    ...filesUnder('catalogs', '.md'),
  ]
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !/^https?:/.test(target) && !existsSync(join(checkout, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

// The table of errors: every code is raised somewhere in the reader or writer, and every one has a test.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type FitsErrorCode, fitsErrors } from '../../src/fits/index.ts'

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const source = folderOf('../../src/fits/')
const tests = folderOf('./')

const textOf = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending) && name !== 'errors.ts' && name !== 'errors.test.ts')
    .map((name) => readFileSync(folder + name, 'utf8'))
    .join('\n')

const codes = Object.keys(fitsErrors) as FitsErrorCode[]
const raised = textOf(source, '.ts')
const tested = textOf(tests, '.test.ts')

test.each(codes)('%s is raised and tested', (code) => {
  expect(raised).toContain(`'${code}'`)
  expect(tested).toContain(`'${code}'`)
  const { meaning, remedy } = fitsErrors[code]
  expect(meaning).toMatch(/^[A-Z].*\.$/)
  expect(remedy).toMatch(/^[A-Z].*\.$/)
})

test('nothing outside node is imported', () => {
  for (const [, from] of raised.matchAll(/from '([^']+)'/g)) expect(from).toMatch(/^(\.\/|node:)/)
})

// Finders as folders: those there are, a new one without an edit elsewhere, and folders that are none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { voidSources } from '../../src/model/index.ts'
import { createMapping, loadFinders } from '../../src/voids/index.ts'
import { gaussLegendre } from '../../src/voids/quadrature.ts'
import { galaxiesAt, zoneRelease } from './small-releases.ts'

test('every source of the void vocabulary has a finder, and the cruder sphere its own name', async () => {
  const finders = await loadFinders()
  expect([...finders.keys()].sort()).toEqual([...voidSources, 'effective_radius'].sort())
  expect([...finders.values()].map(({ membership }) => membership).sort()).toEqual(
    ['holes', 'sphere', 'zones', 'zones', 'zones'].sort(),
  )
  for (const { meaning, edgeRule } of finders.values()) {
    expect(meaning).toMatch(/^The galaxy/)
    expect(edgeRule).not.toBe('')
  }
})

describe('a folder of finders', () => {
  let folder: string
  const url = () => new URL(`${pathToFileURL(folder).href}/`)
  const add = (name: string, text: string) => {
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'finder.ts'), text)
  }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'almagest-finders-'))
    const room = new URL('../../src/voids/zone-finder.ts', import.meta.url).href
    add(
      'v2-new',
      `import { zoneFinder } from '${room}'\nexport const finder = zoneFinder('V2_NEW', 'The galaxy.')\n`,
    )
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('a new folder is found and maps', async () => {
    const finder = (await loadFinders(url())).get('V2_NEW')!
    const mapping = createMapping([{ finder, release: zoneRelease({ source: 'V2_NEW' }) }])
    mapping.place(galaxiesAt([[1n, 180, 0, 100]]))
    expect(mapping.summaries()).toMatchObject([{ source: 'V2_NEW', pairs: 2 }])
  })

  test('a folder without a finder, and a source claimed twice, are refused by name', async () => {
    add('v2-other', "export const finder = { source: 'V2_NEW' }\n")
    await expect(loadFinders(url())).rejects.toMatchObject({
      code: 'VOIDS_FINDER',
      message: expect.stringContaining('"v2-other" claims the source "V2_NEW" a second time'),
    })
    rmSync(join(folder, 'v2-other'), { recursive: true })
    mkdirSync(join(folder, 'empty'))
    await expect(loadFinders(url())).rejects.toMatchObject({ code: 'VOIDS_FINDER', place: { path: 'empty' } })
  })
})

test('Gauss-Legendre rules are exact up to degree 2n - 1', () => {
  for (const n of [1, 2, 5, 16]) {
    const { nodes, weights } = gaussLegendre(n)
    for (let degree = 0; degree < 2 * n; degree++) {
      const sum = nodes.reduce((total, x, i) => total + weights[i]! * x ** degree, 0)
      expect(sum).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13)
    }
  }
})

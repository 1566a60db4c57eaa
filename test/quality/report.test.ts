// The forms of a report, and the page in a real browser.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DOMParser } from 'linkedom'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  changesSince,
  formerRuns,
  keepRun,
  loadCheckKinds,
  makeProfile,
  type ReportParts,
  reportWriter,
  runChecks,
  storeProfile,
  tableFacts,
} from '../../src/quality/index.ts'
import { chromiumPath, needs } from '../require.ts'
import { schemaFaults } from './json-schema.ts'
import { galaxies, loadedSample, tables } from './sample.ts'

let folder: string
let parts: ReportParts

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'almagest-report-'))
  const sample = await loadedSample(7, { constraints: false })
  const { client } = sample
  try {
    const kinds = await loadCheckKinds()
    const facts = await tableFacts(client, galaxies)
    await storeProfile(
      client,
      await makeProfile(client, galaxies, facts!, { name: 'reference', version: 'test' }),
    )
    await keepRun(client, await runChecks(client, kinds, tables))
    await client.query(`UPDATE quality_sample.galaxies SET ra = 180 WHERE source_file = 1 AND source_row < 9;
      UPDATE quality_sample.galaxies SET mag = mag - 1, sfr = sfr * 1.8;
      UPDATE quality_sample.galaxies SET class = '<script>alert("x")</script>|' WHERE source_row = 20`)
    const runs = await formerRuns(client)
    const report = await runChecks(client, kinds, tables)
    parts = {
      report,
      runs,
      changes: changesSince(runs, report),
      catalogs: tables.map(({ catalog }) => catalog),
    }
  } finally {
    await sample.remove()
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const written = async (name: string) => await reportWriter(name)(parts)

test('changes since the last run are told', () => {
  expect(parts.changes).toContainEqual({
    check: 'quality_sample.galaxies footprint',
    before: 'pass',
    after: 'fail',
  })
  expect(parts.changes.map(({ after }) => after)).not.toContain('pass')
})

test('JSON is the report with its changes', async () => {
  expect(JSON.parse(await written('r.json'))).toMatchObject({
    schema: 'almagest-check-1',
    outcome: 'fail',
    totals: parts.report.totals,
  })
})

test('JSON follows the published schema, and what does not is told', async () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/checks/report.schema.json', import.meta.url), 'utf8'),
  )
  const report = JSON.parse(await written('r.json'))
  expect(report.results.some(({ figure }: { figure?: unknown }) => figure)).toBe(true)
  expect(schemaFaults(schema, report)).toEqual([])
  const spoilt = {
    ...report,
    outcome: 'fine',
    seconds: '1',
    more: 1,
    results: [{ ...report.results[0], rows: [{}] }],
  }
  expect(schemaFaults(schema, spoilt)).toEqual([
    '$.seconds is no number',
    '$.outcome is fine',
    '$.results[0].rows[0].values is absent',
    '$.more is not in the schema',
  ])
})

test('JUnit counts what the report counts', async () => {
  const suites = new DOMParser()
    .parseFromString(await written('r.xml'), 'text/xml')
    .querySelector('testsuites')!
  const { totals, results } = parts.report
  expect(suites.getAttribute('tests')).toBe(String(results.length))
  expect(suites.getAttribute('failures')).toBe(String(totals.fail))
  expect(suites.querySelectorAll('testcase > failure')).toHaveLength(totals.fail)
  expect(suites.querySelectorAll('testsuite')).toHaveLength(tables.length)
})

test('Prometheus metrics have one sample a line and a type for each name', async () => {
  const lines = (await written('r.prom')).trimEnd().split('\n')
  const samples = lines.filter((line) => !line.startsWith('#'))
  for (const line of samples)
    expect(line).toMatch(/^almagest_\w+(\{(\w+="([^"\\\n]|\\.)*",?)+\})? [\d.e+-]+$/)
  const fails = samples
    .filter((line) => line.includes('state="fail"'))
    .map((line) => Number(line.split(' ').at(-1)))
  expect(fails.reduce((a, b) => a + b)).toBe(parts.report.totals.fail)
  for (const name of new Set(samples.map((line) => /^\w+/.exec(line)![0])))
    expect(lines).toContain(`# TYPE ${name} gauge`)
})

test('Markdown has one row for each check that does not pass', async () => {
  const rows = (await written('r.md'))
    .split('\n')
    .filter((line) => /^\| (fail|warn|error|skipped) /.test(line))
  expect(rows).toHaveLength(parts.report.results.filter(({ state }) => state !== 'pass').length)
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(5)
})

test('another ending is refused', () => {
  expect(() => reportWriter('report.pdf')).toThrow(expect.objectContaining({ code: 'CHECK_REPORT_FORMAT' }))
})

/** Height in pixels of the smallest font of the figures in view, as the screen shows it. */
const smallestLetters = `Math.min(...[...document.querySelectorAll('svg')].filter((svg) => svg.clientWidth > 0)
  .map((svg) => parseFloat(getComputedStyle(svg).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))`

const isWrong = (state: string) => state !== 'pass' && state !== 'skipped'

needs('chromium')('the page in Chromium', () => {
  describe.each([
    ['desktop', 1280],
    ['phone', 375],
  ])('%s', (name, width) => {
    test('opens offline, without errors or requests, no wider than the screen, failures first', async () => {
      const path = join(folder, `${name}.html`)
      writeFileSync(path, await written('r.html'))
      const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
      try {
        const page = await browser.newPage({ viewport: { width, height: 800 } })
        const told: string[] = []
        page.on('console', (message) => told.push(message.text()))
        page.on('pageerror', (error) => told.push(error.message))
        page.on('dialog', (dialog) => told.push(dialog.message()))
        page.on('request', (request) => told.push(request.url()))
        await page.goto(pathToFileURL(path).href)
        expect(told.filter((each) => !each.startsWith('data:'))).toEqual([pathToFileURL(path).href])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        const states = await page.locator('article .state').allTextContents()
        // Words and marks, not colour alone.
        expect(states[0]).toBe('✗ fail')
        expect(states).toHaveLength(parts.report.results.filter(({ state }) => state !== 'pass').length)
        const links = await page.locator('nav a').evaluateAll((all) => all.map((each) => each.hash))
        expect(links).toHaveLength(parts.report.results.filter(({ state }) => isWrong(state)).length)
        for (const hash of links) expect(await page.locator(hash).count()).toBe(1)
        const footprint = page.locator('article', { hasText: 'outside the footprint' })
        // A file's name stands in one line, with the row's place in it instead of the ledger's numbers.
        expect(await footprint.locator('th').allTextContents()).not.toContain('source_row')
        expect(
          await footprint
            .locator('tbody tr')
            .first()
            .evaluate((row) => row.clientHeight),
        ).toBeLessThan(45)
        expect(await footprint.locator('svg').count()).toBe(1)
        expect(await footprint.locator('tbody tr').count()).toBe(8)
        expect(await page.locator('article', { hasText: 'drift:mag' }).locator('svg').count()).toBe(1)
        const relation = page.locator('article', { hasText: 'scaling-relation:main-sequence' }).locator('svg')
        expect(await relation.locator('[aria-label=dot] circle').count()).toBeGreaterThan(200)
        expect(await relation.locator('[aria-label=line] path').count()).toBe(2)
        expect(await relation.locator('[aria-label=area] path').count()).toBe(1)
        expect(await page.locator('article figcaption', { hasText: 'grey: allowed' }).count()).toBe(1)
        // Letters of every figure in view are as large as small print, on a phone too.
        expect(await page.evaluate(smallestLetters)).toBeGreaterThanOrEqual(11)
        expect(await page.locator('#distributions svg').count()).toBeGreaterThan(2)
        await page.locator('#distributions summary').click()
        expect(await page.evaluate(smallestLetters)).toBeGreaterThanOrEqual(11)
        const masses = page.locator('#distributions figure', { hasText: 'grey: allowed' })
        expect(await masses.first().locator('[aria-label=area] path').count()).toBe(1)
        expect(await page.locator('#trend svg').count()).toBe(1)
        expect(await page.locator('#changes li').count()).toBe(parts.changes.length)
        if (process.env.SHOW_PAGES)
          await page.screenshot({ path: `${process.env.SHOW_PAGES}/${name}.png`, fullPage: true })
      } finally {
        await browser.close()
      }
    })
  })
  test('holds nothing that would be fetched', async () => {
    expect(await written('r.html')).not.toMatch(/(src|href)="(?!data:|#)/)
  })
})

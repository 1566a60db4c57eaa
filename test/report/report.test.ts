// The report on releases that a reader can check by hand: what is drawn, that the page is whole, and its tables.
import { afterAll, beforeAll, expect, test } from 'vitest'
import sdss from '../../catalogs/sdss-dr7-voids/index.ts'
import { pngOf } from '../../src/drawing/index.ts'
import { applySurvey } from '../../src/postgres/index.ts'
import { csvOf, standalone, type VoidReport, voidReport } from '../../src/report/index.ts'
import { mapVoids } from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { storeGalaxies, storeRelease } from '../voids/load-reference.ts'
import { galaxiesAt, holeRelease, zoneRelease } from '../voids/small-releases.ts'

let database: ScratchDatabase
let report: VoidReport
beforeAll(async () => {
  database = await scratchDatabase()
  const { client } = database
  await applySurvey(client, sdss, { name: 'plain', install: [], indexOn: () => 'USING btree ("ra", "dec")' })
  await storeGalaxies(
    client,
    galaxiesAt([
      [1n, 180, 0.5, 102.5],
      [2n, 180, 0.5, 94],
      [3n, 180, 0.5, 88],
      [4n, 180, 0.5, 400],
      [5n, 190, 0.5, 150],
      [6n, 180, 40, 150],
      [7n, 180, 0.5, 400],
    ]),
  )
  await storeRelease(client, holeRelease())
  await expect(voidReport(client, sdss)).rejects.toMatchObject({ code: 'VOIDS_NOT_MAPPED' })
  await storeRelease(client, zoneRelease())
  await mapVoids(client, sdss)
  report = await voidReport(client, sdss, { samples: 5 })
})
afterAll(() => database.drop())

const figure = (id: string) => report.figures.find((each) => each.id === id)!

/** Names of elements must close in the order in which they opened, as a strict reader of SVG wants it. */
function expectWellFormed(svg: string): void {
  const open: string[] = []
  for (const [, end, name, , single] of svg.matchAll(/<(\/?)([\w:-]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(name)
    else if (!single) open.push(name!)
  }
  expect(open).toEqual([])
  expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/)
}

test('the page needs no other file, and each panel is a whole SVG', () => {
  expect(report.html).not.toMatch(/(?:src|href)="(?!#)/)
  expect(report.html).not.toMatch(/url\(|@import/)
  const panels = report.figures.flatMap((each) => each.panels)
  expect(panels.length).toBeGreaterThanOrEqual(8)
  for (const { svg } of panels) {
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expectWellFormed(svg)
    expect(report.html).toContain(svg)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
  }
  expect(report.html).toContain('declares no stellar masses')
})

// Galaxy 4 is outside to VoidFinder, and at the edge to V2, whose sample has it; 7 is outside to both.
test('the sky map draws the galaxies that some finder does not call outside, one dot each', () => {
  const { panels, table } = figure('sky-map')
  expect(table.columns).toEqual(['galaxy', 'ra', 'dec', 'z', 'V2_VIDE', 'VoidFinder'])
  expect(table.rows.map(([id]) => id).sort()).toEqual(['1', '2', '3', '4', '5', '6'])
  const voidFinder = panels.find(({ id }) => id === 'VoidFinder')!.svg
  expect(voidFinder.match(/<circle/g)?.length).toBe(6)
})

test('a cone slice has galaxies at their distances on the cone, members and voids in their colours', () => {
  const { panels, table } = figure('cone-slices')
  expect(panels.map(({ id }) => id)).toEqual(['V2_VIDE-NGC', 'VoidFinder-NGC'])
  const rows = table.rows.filter(([source]) => source === 'VoidFinder')
  // The cone lies at the middle of the degree that holds most galaxies, 0.5: galaxy 6 is far from it, 4 beyond the limits.
  expect(rows.map((row) => row[2]).sort()).toEqual(['1', '2', '3', '5'])
  for (const [, , id, , , , x, y, word] of rows) {
    const expected = { '1': 102.5, '2': 94, '3': 88, '5': 150 }[String(id)]!
    expect(Math.hypot(Number(x), Number(y))).toBeCloseTo(expected, 2)
    expect(word).toBe(id === '1' || id === '2' ? 'void_interior' : 'wall')
  }
  // Right ascension grows to the left: galaxy 5, at 190 degrees, lies to the left of the others by nearly 10 degrees.
  const angle = (id: string) => {
    const row = rows.find((each) => each[2] === id)!
    return (Math.atan2(Number(row[6]), Number(row[7])) * 180) / Math.PI
  }
  expect(angle('1') - angle('5')).toBeCloseTo(10 * Math.cos((0.5 * Math.PI) / 180), 4)
  expect(panels[1]!.svg).toContain('#cfe3f1')
})

test('numbers stand in the tables: environments, sizes, agreement', () => {
  expect(report.html).toMatch(/<tr><td>VoidFinder<\/td><td class="number">2<\/td>/)
  expect(figure('size-functions').table.rows.reduce((sum, row) => sum + Number(row[3]), 0)).toBe(4)
  expect(figure('finder-agreement').table.rows.length).toBe(1)
})

test('a panel alone has its title and the key to its colours, as SVG and as PNG', async () => {
  const map = figure('sky-map')
  const svg = standalone(map, map.panels[0]!)
  expectWellFormed(svg)
  expect(svg).toContain('Sky map: V2_VIDE')
  for (const [word, colour] of map.legend) {
    expect(svg).toContain(`fill="${colour}"/>`)
    expect(svg).toContain(`>${word}<`)
  }
  const [width, height] = [/width="(\d+)"/, /height="(\d+)"/].map((each) => Number(each.exec(svg)![1]))
  const png = Buffer.from(await pngOf(svg, 2))
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width!, 2 * height!])
})

// Without a font a text leaves no trace, and no error either.
test("text is drawn, with the project's own font", async () => {
  const svgOf = (text: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text x="5" y="20" font-family="system-ui, sans-serif">${text}</text></svg>`
  const [empty, drawn] = [await pngOf(svgOf('')), await pngOf(svgOf('12° Mpc/h'))]
  expect(drawn.length).toBeGreaterThan(2 * empty.length)
})

test('CSV quotes what must be quoted', () => {
  const text = csvOf({
    columns: ['a', 'b'],
    rows: [
      ['x,"y"\n', 1.5],
      ['<b>', null],
    ],
  })
  expect(text).toBe('a,b\r\n"x,""y""\n",1.5\r\n<b>,\r\n')
})

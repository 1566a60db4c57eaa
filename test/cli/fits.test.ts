// `almagest fits` on files that astropy writes: what a user sees of every type, of damage, and of files elsewhere.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../require.ts'
import { almagest, temporaryFolder } from './almagest.ts'

const script = fileURLToPath(new URL('fits_every_type.py', import.meta.url))

/** Lines of a drawn table as lists of cells. */
const cellsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('│')
        .map((cell) => cell.trim()),
    )

needs('astropy')('files that astropy writes', () => {
  const folder = temporaryFolder()
  const path = (name: string) => join(folder.path, name)
  beforeAll(() => {
    execFileSync('/usr/bin/python3', ['-W', 'ignore', script, folder.path])
  })
  afterAll(() => folder[Symbol.dispose]())

  describe('info', () => {
    test('tells HDUs by version, columns with unit, shape, storage and description, and cards', async () => {
      const { out, code } = await almagest(['fits', 'info', path('every.fits'), '--cards'])
      expect(code).toBe(0)
      const lines = cellsOf(out)
      expect(lines.slice(0, 4).map((line) => line.slice(0, 6))).toEqual([
        ['HDU', 'name', 'version', 'kind', 'rows', 'columns'],
        ['0', 'PRIMARY', '1', 'image', '', ''],
        ['1', 'EVERY', '1', 'bintable', '2', '11'],
        ['2', 'EVERY', '2', 'bintable', '2', '11'],
      ])
      expect(out).toContain('HDU 2 EVERY, version 2')
      const line = (first: string) => lines.find(([cell]) => cell === first)
      expect(line('B')).toEqual(['B', 'B', '', '', 'NULL = 255', ''])
      expect(line('U')).toEqual(['U', 'K', '', '', 'unsigned', ''])
      expect(line('E')).toEqual(['E', 'E', 'mag', '', '', 'an apparent magnitude'])
      expect(line('S')).toEqual(['S', 'I', '', '', '10 + 0.5 x', ''])
      expect(line('A')).toEqual(['A', '6A', '', '3, 2', '', ''])
      expect(line('OMEGAM')).toEqual(['OMEGAM', '0.26', 'matter density'])
      expect(line('LONG')).toEqual(['LONG', `${'word '.repeat(30)}end`, ''])
    })

    test('tells tiles, compressed tables with what to do', async () => {
      const { out } = await almagest(['fits', 'info', path('tiles.fits')])
      expect(out).toContain('HDU 1 PLAIN: PLAIN in')
      expect(out).toContain('is a tile-compressed table')
      expect(cellsOf(out)[3]!.slice(1, 4)).toEqual(['MASK', '1', 'compressed image'])
      const { err, code } = await almagest(['fits', 'head', path('tiles.fits')])
      expect([code, err.includes('FITS_COMPRESSED'), err.includes('funpack')]).toEqual([3, true, true])
    })
  })

  describe('head', () => {
    test('writes every type as it is: sign of zero, complex numbers, bits, the digits of single precision', async () => {
      const { out } = await almagest(['fits', 'head', path('every.fits')])
      expect(cellsOf(out).slice(-2)).toEqual([
        [
          'T',
          '[T F T]',
          '7',
          '9007199254740993',
          '18446744073709551615',
          '0.1',
          '[NaN -Infinity]',
          '1-2i',
          '7.5',
          '[ab c]',
          '[1 2]',
        ],
        [
          'F',
          '[F T F]',
          '',
          '-9223372036854775808',
          '0',
          '-0',
          '[0.1 5e-324]',
          '0.1+0i',
          '12.5',
          '[ xyz]',
          '[]',
        ],
      ])
    })

    test('of columns by name, out of a gzip file, as JSON in which NaN is not nothing', async () => {
      writeFileSync(path('every.fits.gz'), gzipSync(readFileSync(path('every.fits'))))
      const words = ['fits', 'head', path('every.fits.gz'), '--hdu', 'EVERY,2', '--columns', 'd, b', '--json']
      const { out } = await almagest(words)
      expect(JSON.parse(out)).toEqual({
        columns: [
          { name: 'D', tform: '2D', description: 'as in version 2' },
          { name: 'B', tform: 'B', null: 255 },
        ],
        rows: [
          [['NaN', '-Infinity'], 7],
          [[0.1, 5e-324], null],
        ],
      })
    })
  })

  describe('verify', () => {
    test('finds a changed bit in data and in a header, and ends with exit code 3', async () => {
      const right = readFileSync(path('plain.fits'))
      const { out, code } = await almagest(['fits', 'verify', path('plain.fits')])
      expect([code, cellsOf(out).slice(1)]).toEqual([
        0,
        [
          ['0', 'PRIMARY', 'ok', 'ok'],
          ['1', 'PLAIN', 'ok', 'ok'],
        ],
      ])
      const [inData, inHeader] = [right.length - 2880, right.indexOf('PLAIN')]
      for (const [at, states] of [
        [inData, ['wrong', 'wrong']],
        [inHeader, ['ok', 'wrong']],
      ] as const) {
        const damaged = Buffer.from(right)
        damaged[at]! ^= 1
        writeFileSync(path('damaged.fits'), damaged)
        const ended = await almagest(['fits', 'verify', path('damaged.fits')])
        expect([ended.code, cellsOf(ended.out)[2]!.slice(2)]).toEqual([3, states])
      }
    })
  })

  test('are read from a web server as from the disk', async () => {
    const bytes = readFileSync(path('every.fits'))
    const server = createServer((request, response) => {
      const [, from = '', to = ''] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
      response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${bytes.length}` })
      response.end(bytes.subarray(Number(from), Number(to) + 1))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/every.fits`
    const [near, far] = await Promise.all(
      [path('every.fits'), url].map((each) => almagest(['fits', 'head', each])),
    )
    server.close()
    expect(far).toEqual(near)
  })
})

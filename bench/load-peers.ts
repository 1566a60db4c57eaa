// The same columns of the same file by astropy + pandas + psycopg2 and by STILTS; the reader alone against astropy and cat.
import { execFileSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileSource, openFits, rowBlocks, type TableLayout, tableLayout } from '../src/fits/index.ts'
import { loadFiles } from '../src/load/index.ts'
import { defineCatalog, defineSurvey, float32, float64, fromHdu, int64, text } from '../src/model/index.ts'
import type { BenchInput } from './load-copy.ts'
import { benchServer, empty, psql } from './load-server.ts'
import { joinHdus, twoHdus } from './load-shapes.ts'

const tenColumns = defineCatalog({
  name: 'bench_peers.galaxies',
  title: 'Ten columns of FastSpecFit',
  columns: {
    ...fromHdu('METADATA', {
      targetid: int64('TARGETID', 'Target.'),
      ra: float64('RA', 'Right ascension.'),
      dec: float64('DEC', 'Declination.'),
      z: float64('Z', 'Redshift.'),
      zwarn: int64('ZWARN', 'Warnings.'),
      spectype: text('SPECTYPE', 'Class.'),
    }),
    ...fromHdu('SPECPHOT', {
      logmstar: float32('LOGMSTAR', 'Mass.'),
      sfr: float32('SFR', 'Star formation rate.'),
      vdisp: float32('VDISP', 'Velocity dispersion.'),
      dn4000: float32('DN4000', 'Break.'),
    }),
  },
  key: ['targetid'],
  layouts: {
    all: { files: 'fastspec-*.fits', hdus: ['METADATA', 'SPECPHOT', 'FASTSPEC'], alignedBy: 'TARGETID' },
    two: { files: 'fastspec-*.fits', hdus: ['METADATA', 'SPECPHOT'], alignedBy: 'TARGETID' },
  },
})
const survey = defineSurvey({
  name: 'peers',
  title: 'Peers',
  schema: 'bench_peers',
  version: '1',
  catalogs: [tenColumns as never],
})
const script = fileURLToPath(new URL('load-peers.py', import.meta.url))
const python = (...given: string[]) =>
  Number(execFileSync('/usr/bin/python3', [script, ...given], { encoding: 'utf8' }))
/** Rows that the slowest roads are given; their times are told per row. */
const rowsForSlow = 200_000

export async function peers({ files, runs, scratch }: BenchInput): Promise<string> {
  const server = await benchServer([survey])
  const { url, client } = server
  const path = await joinHdus(files, twoHdus, join(scratch, 'fastspec-joined.fits'))
  const binary = join(scratch, 'ten.bin')
  try {
    const best: Record<'load' | 'copy' | 'table' | 'mapped' | 'values' | 'stilts', number> = {
      load: Infinity,
      copy: Infinity,
      table: Infinity,
      mapped: Infinity,
      values: Infinity,
      stilts: Infinity,
    }
    let rows = 0
    const took = (road: keyof typeof best, seconds: number, of = rows) => {
      best[road] = Math.min(best[road], seconds / of)
    }
    const emptied = () => empty(server, survey, tenColumns.name)
    for (let run = 0; run < runs; run++) {
      await emptied()
      const { seconds, rowsLoaded } = await loadFiles(url, [survey], [path])
      rows = rowsLoaded
      took('load', seconds)
      if (run === 0) psql(url, `\\copy ${tenColumns.name} TO '${binary}' (FORMAT binary)`)
      await emptied()
      const copied = psql(url, `\\copy ${tenColumns.name} FROM '${binary}' (FORMAT binary)`)
      took('copy', copied + psql(url, `ANALYZE ${tenColumns.name}`))
      for (const road of ['table', 'mapped'] as const) {
        await emptied()
        took(road, python(road, path, url, tenColumns.name))
      }
    }
    const some = Math.min(rows, rowsForSlow)
    await emptied()
    took('values', python('values', path, url, tenColumns.name, String(some)), some)
    took('stilts', stilts(url, path, some), some)
    await client.query('DROP TABLE IF EXISTS public.stilts')
    const line = (road: string, perRow: number) =>
      `| ${road} | ${(perRow * 1e6).toFixed(2)} µs | ${Math.round(1 / perRow).toLocaleString('en')} | ${(perRow / best.load).toFixed(1)} |`
    const megabytes = (statSync(path).size / 1e6).toFixed(0)
    return `### Other roads, ten columns of METADATA and SPECPHOT

One file of ${megabytes} MB with these two HDUs, ${rows.toLocaleString('en')} rows, into the same table with its key. The loader's time has everything in it: SHA-256, comparison of the HDUs, ledger, ANALYZE. The roads of Python are given without their start and imports, and without ANALYZE: as it is usually written (\`Table.read\`, \`to_pandas\`, \`to_csv\`, \`copy_expert\`), with only the ten columns mapped into memory, and with INSERT by \`execute_values\` in the place of COPY. This last one and STILTS get the first ${some.toLocaleString('en')} rows, once; STILTS creates a table without a key (\`tjoin\`, because \`tpipe\` reads one HDU). \`\\copy\` of these ten columns from a ready-made binary file, with ANALYZE, is the limit of what any road through one connection can reach.

| road | time per row | rows/s | times the loader's |
| --- | ---: | ---: | ---: |
${line('`almagest load`', best.load)}
${line('`psql \\copy`, ready-made binary', best.copy)}
${line('astropy, pandas, psycopg2, as usually written', best.table)}
${line('astropy, pandas, psycopg2, columns mapped', best.mapped)}
${line('astropy, pandas, psycopg2, execute_values', best.values)}
${line('STILTS `omode=tosql`', best.stilts)}`
  } finally {
    await server.stop()
    for (const each of [path, binary]) rmSync(each, { force: true })
  }
}

function stilts(url: string, path: string, rows: number): number {
  const { username, password, host, pathname } = new URL(url)
  const names = Object.keys(tenColumns.columns).map((name) => name.toUpperCase())
  const started = performance.now()
  const columns = (...indexes: number[]) => names.slice(...indexes).join(' ')
  execFileSync(
    'stilts',
    [
      ...['-classpath', '/usr/share/java/postgresql.jar', '-Djdbc.drivers=org.postgresql.Driver'],
      ...['tjoin', 'nin=2', `in1=${path}#METADATA`, `in2=${path}#SPECPHOT`],
      ...[`icmd1=keepcols '${columns(0, 6)}'; head ${rows}`, `icmd2=keepcols '${columns(6)}'; head ${rows}`],
      ...['omode=tosql', 'protocol=postgresql', `host=${host}`, `db=${pathname.slice(1)}`, 'dbtable=stilts'],
      ...['write=create', `user=${username}`, `password=${decodeURIComponent(password)}`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return (performance.now() - started) / 1000
}

/** Three columns summed: whole rows of the two HDUs pass through memory, as they do in a load. */
async function scan(path: string): Promise<number> {
  const started = performance.now()
  const file = await openFits(await fileSource(path))
  const sum = async (layout: TableLayout, names: readonly string[]) => {
    const columns = names.map((name) => layout.column(name))
    let total = 0
    for await (const { rowCount, bytes } of rowBlocks(file, layout, { blockBytes: 1 << 20, reuse: true })) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (const { offset, code } of columns) {
        for (let row = 0, at = offset; row < rowCount; row++, at += layout.rowBytes) {
          if (code === 'E') total += view.getFloat32(at)
          else if (code === 'D') total += view.getFloat64(at)
          else total += view.getInt32(at) + view.getInt32(at + 4)
        }
      }
    }
    return total
  }
  await sum(tableLayout(file, file.hdu('METADATA')), ['TARGETID', 'Z'])
  await sum(tableLayout(file, file.hdu('SPECPHOT')), ['LOGMSTAR'])
  await file.close()
  return (performance.now() - started) / 1000
}

export async function reader({ files, runs }: BenchInput): Promise<string> {
  const path = files[0]!
  const roads = {
    'this reader': () => scan(path),
    'astropy, memory-mapped': () => python('scan-astropy', path),
    'fitsio (CFITSIO)': () => python('scan-fitsio', path),
    '`cat FILE > /dev/null`, all of the file': () => {
      const started = performance.now()
      execFileSync('sh', ['-c', 'cat "$0" > /dev/null', path])
      return (performance.now() - started) / 1000
    },
  }
  const best = Object.keys(roads).map((name) => ({ name, seconds: Infinity }))
  for (let run = 0; run < Math.max(3, runs); run++) {
    for (const each of best) {
      each.seconds = Math.min(each.seconds, await roads[each.name as keyof typeof roads]())
    }
  }
  const ours = best[0]!.seconds
  const lines = best.map(
    ({ name, seconds }) => `| ${name} | ${(seconds * 1e3).toFixed(0)} ms | ${(seconds / ours).toFixed(2)} |`,
  )
  return `### The reader alone

Three columns (TARGETID, Z, LOGMSTAR) of two HDUs of a file of ${(statSync(path).size / 1e6).toFixed(0)} MB that the system's cache holds, in the machine's byte order and summed; start and imports of Python not counted.

| reader | time | times this reader's |
| --- | ---: | ---: |
${lines.join('\n')}`
}

// The same columns of the same file by astropy + pandas + psycopg2 and by STILTS; the reader alone against astropy and cat.
import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  fileSource,
  openFits,
  rowBlocks,
  type TableLayout,
  type TableToWrite,
  tableLayout,
  writeFits,
} from '../src/fits/index.ts'
import { loadFiles } from '../src/load/index.ts'
import { defineCatalog, defineSurvey, float32, float64, fromHdu, int64, text } from '../src/model/index.ts'
import type { BenchInput } from './load-copy.ts'
import { benchServer, empty } from './load-server.ts'

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
/** Rows that the slow roads are given; their times are told per row. */
const most = 200_000

export async function peers({ files, runs, scratch }: BenchInput): Promise<string> {
  const whole = files[0]!
  const server = await benchServer([survey])
  const { url, client } = server
  try {
    const path = await withoutFastspec(whole, scratch)
    const best = { load: Infinity, pandas: Infinity, stilts: Infinity, whole: Infinity }
    const load = async (file: string) => {
      await empty(server, survey, tenColumns.name)
      const { seconds, rowsLoaded } = await loadFiles(url, [survey], [file])
      return { perRow: seconds / rowsLoaded, rows: Math.min(most, rowsLoaded) }
    }
    for (let run = 0; run < runs; run++) {
      best.whole = Math.min(best.whole, (await load(whole)).perRow)
      const { perRow, rows } = await load(path)
      best.load = Math.min(best.load, perRow)
      await empty(server, survey, tenColumns.name)
      best.pandas = Math.min(best.pandas, python('copy', path, url, String(rows), tenColumns.name) / rows)
      if (run === 0) best.stilts = stilts(url, path, rows) / rows
      await client.query('DROP TABLE IF EXISTS public.stilts')
    }
    const line = (road: string, perRow: number) =>
      `| ${road} | ${(perRow * 1e6).toFixed(2)} µs | ${Math.round(1 / perRow).toLocaleString('en')} | ${(perRow / best.load).toFixed(1)} |`
    const megabytes = (file: string) => `${(statSync(file).size / 1e6).toFixed(0)} MB`
    return `### Other roads, ten columns of METADATA and SPECPHOT

One file of ${megabytes(path)} with these two HDUs; the last line is the same file as released, ${megabytes(whole)} with FASTSPEC, of which the loader digests every byte and the others read none. The loader loads all rows into a table with a key, with SHA-256, comparison of the HDUs, counts and ANALYZE; the others get the first ${most.toLocaleString('en')} rows, so the times are per row. pandas' road fills the same table, its imports are not counted; STILTS creates a table without a key (\`tjoin\`, because \`tpipe\` reads one HDU; once only, as it is slow).

| road | time per row | rows/s | times the loader's |
| --- | ---: | ---: | ---: |
${line('`almagest load`', best.load)}
${line('astropy, pandas, psycopg2 (CSV and COPY)', best.pandas)}
${line('STILTS `omode=tosql`', best.stilts)}
${line('`almagest load` of the whole file', best.whole)}`
  } finally {
    await server.stop()
  }
}

/** The file without its widest HDU, under the same name. */
async function withoutFastspec(path: string, scratch: string): Promise<string> {
  const narrow = join(scratch, basename(path))
  const file = await openFits(await fileSource(path))
  const tables = ['METADATA', 'SPECPHOT'].map((name): TableToWrite => {
    const layout = tableLayout(file, file.hdu(name))
    const rows = (async function* () {
      for await (const { bytes } of rowBlocks(file, layout)) yield bytes
    })()
    return { name, columns: layout.columns, rowCount: layout.rowCount, rows }
  })
  await writeFits(narrow, tables)
  await file.close()
  return narrow
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
    for await (const { rowCount, bytes } of rowBlocks(file, layout)) {
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
  const times: [number, number, number][] = []
  for (let run = 0; run < Math.max(3, runs); run++) {
    const started = performance.now()
    execFileSync('sh', ['-c', 'cat "$0" > /dev/null', path])
    const cat = (performance.now() - started) / 1000
    times.push([await scan(path), python('scan', path), cat])
  }
  const [ours, astropy, cat] = [0, 1, 2].map((i) => Math.min(...times.map((each) => each[i]!))) as [
    number,
    number,
    number,
  ]
  const size = statSync(path).size / 1e6
  return `### The reader alone

Three columns (TARGETID, Z, LOGMSTAR) of a file of ${size.toFixed(0)} MB that the system's cache holds, in the machine's byte order and summed: ${(ours * 1e3).toFixed(0)} ms; astropy (memory-mapped, without its imports) ${(astropy * 1e3).toFixed(0)} ms: ratio ${(astropy / ours).toFixed(2)}. \`cat FILE > /dev/null\`, which reads all of the file: ${(cat * 1e3).toFixed(0)} ms, ${(size / cat / 1e3).toFixed(1)} GB/s.`
}

// The same columns of the same file by astropy + pandas + psycopg2 and by STILTS; the reader alone against astropy and cat.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync } from 'node:fs'
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
const jdbc = '/usr/share/java/postgresql.jar'

/** Seconds, or the Debian package that is missing. */
type Outcome = number | { readonly missing: string }

/** Says on the console what can't be measured; the page says it in the line. */
function missing(road: string, name: string): Outcome {
  if (!told.has(road)) console.warn(`not measured: ${road}, because Debian's ${name} is not installed`)
  told.add(road)
  return { missing: name }
}

const told = new Set<string>()

const notMeasured = ({ missing: name }: { readonly missing: string }) =>
  `not measured: Debian's ${name} is not installed`

function python(road: string, ...given: string[]): Outcome {
  const { error, status, stdout } = spawnSync('/usr/bin/python3', [script, road, ...given], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error) return missing(road, 'python3')
  if (status === 3) return missing(road, `python3-${stdout.trim()}`)
  if (status !== 0) throw new Error(`load-peers.py ${road} failed`)
  return Number(stdout)
}

/** Rows that the slow roads are given; their times are told per row. */
const rowsForSlow = 50_000
/** STILTS commits row by row, which the disk may make slow. */
const rowsForStilts = 10_000

const fastRoads: Record<string, string> = {
  'copy-mapped': '`to_csv` of mapped columns, COPY',
  copy: '`to_csv`, COPY',
}
const slowRoads: Record<string, string> = {
  values: '`execute_values`',
  'to-sql-multi': '`to_sql(method="multi")`',
  'to-sql': '`to_sql`',
  executemany: '`executemany`',
  iterrows: '`iterrows`, `execute`',
}

export async function peers({ files, runs, scratch }: BenchInput): Promise<string> {
  const server = await benchServer([survey])
  const { url, client } = server
  const table = tenColumns.name
  const path = await joinHdus(files, twoHdus, join(scratch, 'fastspec-joined.fits'))
  const few = await joinHdus([path], twoHdus, join(scratch, 'fastspec-few.fits'), rowsForSlow)
  const binary = join(scratch, 'ten.bin')
  try {
    /** Seconds for a row, at best. */
    const best = new Map<string, Outcome>()
    const took = (road: string, outcome: Outcome, rows: number) => {
      const before = best.get(road) ?? Infinity
      best.set(
        road,
        typeof outcome === 'number' && typeof before === 'number'
          ? Math.min(before, outcome / rows)
          : outcome,
      )
    }
    const emptied = () => empty(server, survey, table)
    /** A road counts when all rows are there at its end. */
    const arrived = async (outcome: Outcome, into: string, of: number) => {
      if (typeof outcome !== 'number') return outcome
      const { rows: found } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${into}`)
      if (found[0]!.n !== of) throw new Error(`${found[0]!.n} of ${of} rows are in ${into}`)
      return outcome
    }
    let [rows, some, fewest] = [0, 0, 0]
    for (let run = 0; run < runs; run++) {
      await emptied()
      const { seconds, rowsLoaded } = await loadFiles(url, [survey], [path])
      rows = rowsLoaded
      took('load', seconds, rows)
      if (run === 0) psql(url, `\\copy ${table} TO '${binary}' (FORMAT binary)`)
      await emptied()
      const copied = psql(url, `\\copy ${table} FROM '${binary}' (FORMAT binary)`)
      took('psql', copied + psql(url, `ANALYZE ${table}`), rows)
      for (const road of Object.keys(fastRoads)) {
        await emptied()
        took(road, await arrived(python(road, path, url, table), table, rows), rows)
      }
      some = Math.min(rows, rowsForSlow)
      fewest = Math.min(rows, rowsForStilts)
      for (const road of Object.keys(slowRoads)) {
        await emptied()
        took(road, await arrived(python(road, few, url, table), table, some), some)
      }
      took('stilts', await arrived(stilts(url, few, fewest), 'almagest.stilts', fewest), fewest)
      await client.query('DROP TABLE IF EXISTS almagest.stilts')
    }
    const ours = best.get('load') as number
    const limit = best.get('psql') as number
    const ratios: [what: string, ratio: number][] = []
    const line = (road: string, what: string, of: number) => {
      const perRow = best.get(road)!
      if (typeof perRow !== 'number') return `| ${what} | | ${notMeasured(perRow)} | | | |`
      const ratio = perRow / ours
      if (road !== 'load' && road !== 'psql') ratios.push([what, ratio])
      return `| ${what} | ${of.toLocaleString('en')} | ${(perRow * 1e6).toFixed(2)} µs | ${Math.round(1 / perRow).toLocaleString('en')} | ${ratio.toFixed(1)} | ${(perRow / limit).toFixed(1)} |`
    }
    const lines = [
      line('load', '`almagest load`', rows),
      line('psql', '`psql \\copy`, ready-made binary', rows),
      ...Object.entries(fastRoads).map(([road, what]) => line(road, what, rows)),
      ...Object.entries(slowRoads).map(([road, what]) => line(road, what, some)),
      line('stilts', 'STILTS `tjoin … omode=tosql`', fewest),
    ]
    const listed = (slower: boolean) =>
      ratios
        .filter(([, ratio]) => ratio >= mostTimes === slower)
        .map(([what]) => what.replace(', ', ' and '))
        .join(', ') || 'none'
    return `### Other roads, ten columns of METADATA and SPECPHOT

One file of ${(statSync(path).size / 1e6).toFixed(0)} MB with these two HDUs, ${rows.toLocaleString('en')} rows, into the same table with its key; the slow roads get the first ${some.toLocaleString('en')} rows as a file of their own (STILTS only as many as the table says), and are told per row. The loader's time has everything in it: SHA-256, comparison of the HDUs, ledger, ANALYZE. The roads of Python begin with \`Table.read\` and \`to_pandas\` (but one maps only the ten columns) and end in psycopg2, \`to_sql\` through SQLAlchemy; they are given without their start and imports and without ANALYZE, STILTS without its start and into a table without a key (\`tjoin\`, because \`tpipe\` reads one HDU). \`\\copy\` of these ten columns from a ready-made binary file, with ANALYZE, is the limit of what any road through one connection can reach.

| road | rows | time per row | rows/s | times the loader's | times the limit |
| --- | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

At least ${mostTimes} times the loader's time: ${listed(true)}. Less: ${listed(false)}.`
  } finally {
    await server.stop()
    for (const each of [path, few, binary]) rmSync(each, { force: true })
  }
}

/** The ratio that is aimed at. */
const mostTimes = 20

/** Writes its table into the schema that has the user's name. */
function stilts(url: string, path: string, rows: number): Outcome {
  if (!existsSync(jdbc)) return missing('STILTS', 'libpostgresql-jdbc-java')
  const { username, password, host, pathname } = new URL(url)
  const names = Object.keys(tenColumns.columns).map((name) => name.toUpperCase())
  const run = (...given: string[]): number => {
    const begun = performance.now()
    execFileSync('stilts', given, { stdio: ['ignore', 'ignore', 'pipe'] })
    return (performance.now() - begun) / 1000
  }
  try {
    const start = run('-version')
    const columns = (...indexes: number[]) => names.slice(...indexes).join(' ')
    const all = run(
      ...['-classpath', jdbc, '-Djdbc.drivers=org.postgresql.Driver'],
      ...['tjoin', 'nin=2', `in1=${path}#METADATA`, `in2=${path}#SPECPHOT`],
      ...[`icmd1=keepcols '${columns(0, 6)}'; head ${rows}`, `icmd2=keepcols '${columns(6)}'; head ${rows}`],
      ...['omode=tosql', 'protocol=postgresql', `host=${host}`, `db=${pathname.slice(1)}`, 'dbtable=stilts'],
      ...['write=create', `user=${username}`, `password=${decodeURIComponent(password)}`],
    )
    return all - start
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return missing('STILTS', 'stilts')
  }
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

function shell(script: string, ...given: string[]): number {
  const started = performance.now()
  execFileSync('sh', ['-c', script, ...given])
  return (performance.now() - started) / 1000
}

export async function reader({ files, runs }: BenchInput): Promise<string> {
  const path = files[0]!
  const bytes = await bytesOfTwo(path)
  const roads: Record<string, () => Outcome | Promise<Outcome>> = {
    'this reader': () => scan(path),
    'astropy, memory-mapped': () => python('scan-astropy', path),
    'fitsio (CFITSIO)': () => python('scan-fitsio', path),
    '`cat FILE > /dev/null`, all of the file': () => shell('cat "$0" > /dev/null', path),
    '`head -c … FILE > /dev/null`, as many bytes as the two HDUs': () =>
      shell('head -c "$1" "$0" > /dev/null', path, String(bytes)),
  }
  const best = new Map<string, Outcome>()
  for (let run = 0; run < Math.max(3, runs); run++) {
    for (const [name, road] of Object.entries(roads)) {
      const before = best.get(name) ?? Infinity
      if (typeof before !== 'number') continue
      const outcome = await road()
      best.set(name, typeof outcome === 'number' ? Math.min(before, outcome) : outcome)
    }
  }
  const ours = best.get('this reader') as number
  const lines = [...best].map(([name, outcome]) =>
    typeof outcome === 'number'
      ? `| ${name} | ${(outcome * 1e3).toFixed(0)} ms | ${(outcome / ours).toFixed(2)} |`
      : `| ${name} | ${notMeasured(outcome)} | |`,
  )
  return `### The reader alone

Three columns (TARGETID, Z, LOGMSTAR) of two HDUs of a file of ${(statSync(path).size / 1e6).toFixed(0)} MB that the system's cache holds, in the machine's byte order and summed; start and imports of Python not counted. The two HDUs, whose rows this reader takes whole, are ${(bytes / 1e6).toFixed(0)} MB.

| reader | time | times this reader's |
| --- | ---: | ---: |
${lines.join('\n')}`
}

async function bytesOfTwo(path: string): Promise<number> {
  const file = await openFits(await fileSource(path))
  const sizes = twoHdus.map((name) => {
    const { rowBytes, rowCount } = tableLayout(file, file.hdu(name))
    return rowBytes * rowCount
  })
  await file.close()
  return sizes.reduce((sum, size) => sum + size, 0)
}

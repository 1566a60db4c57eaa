// A survey's mock without the columns that no table reads: the same rows in a thirtieth of the bytes.
import {
  type Catalog,
  type Layout,
  type MockFile,
  type MockHdu,
  type Survey,
  type SurveyMock,
  sourceIn,
} from '../../src/model/index.ts'

/** The mock of a survey whose files keep the columns that the survey's tables read, and those that align rows. */
export function narrowMock(survey: Survey): SurveyMock {
  return {
    generate: (options) => {
      const { files, truth } = survey.mock!.generate(options)
      return { files: files.map((file) => narrowed(survey, file)), truth }
    },
  }
}

function narrowed({ catalogs }: Survey, file: MockFile): MockFile {
  const names = file.hdus.map(({ name }) => name)
  const read = new Set(
    catalogs.flatMap((catalog) => {
      const layouts = Object.values(catalog.layouts)
      const layout = layouts.find(({ hdus }) => hdus.every((hdu) => names.includes(hdu)))
      return layout ? columnsRead(catalog, layout) : []
    }),
  )
  const hdus = file.hdus.map((hdu) =>
    only(
      hdu,
      hdu.columns.map(({ name }) => name).filter((name) => read.has(`${hdu.name} ${name}`)),
    ),
  )
  return { ...file, hdus: hdus.map((hdu) => (hdu.columns.length === 1 ? copyOf(hdu, hdus[0]!) : hdu)) }
}

function columnsRead(catalog: Catalog, layout: Layout): string[] {
  const sources = Object.keys(catalog.columns).map((name) => sourceIn(catalog, layout, name))
  const read = sources.flatMap((source) => (source.kind === 'fits' ? [`${source.hdu} ${source.column}`] : []))
  return [...read, ...layout.hdus.map((hdu) => `${hdu} ${layout.alignedBy}`)]
}

function only(hdu: MockHdu, wanted: readonly string[]): MockHdu {
  const places = wanted.map((name) => hdu.columns.findIndex((each) => each.name === name))
  return {
    ...hdu,
    columns: places.map((place) => hdu.columns[place]!),
    values: (from, to) => {
      const all = hdu.values(from, to)
      return places.map((place) => all[place]!)
    },
  }
}

/** An HDU that repeats one column of the first takes its values from there, which is cheaper than a thousand columns. */
function copyOf(hdu: MockHdu, first: MockHdu): MockHdu {
  const [column] = hdu.columns
  return hdu !== first && first.columns.some(({ name }) => name === column!.name)
    ? { ...hdu, values: only(first, [column!.name]).values }
    : hdu
}

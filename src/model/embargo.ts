// An embargo: rows of a catalogue that only some may read until a date.
import type { Catalog } from './catalog.ts'
import type { Fault } from './fault.ts'
import { nearest } from './nearest.ts'

/** Who can be let in early; `project:NAME` is one project of the laboratory. */
export const readers = ['owner', 'analyst', 'collaborator'] as const
export type Reader = (typeof readers)[number] | `project:${string}`

export interface Embargo {
  /** Lower-case SQL identifier; the row policies are named after it. */
  readonly name: string
  readonly title: string
  readonly catalog: Catalog
  /** Selection of the catalogue that names the rows; a row of which it isn't known (NULL) is held back too. */
  readonly only: string
  /** Day from which on the rows are everybody's, `YYYY-MM-DD`, from 0 h UTC. */
  readonly until: string
  /** Who reads them before. */
  readonly readers: readonly Reader[]
  /** Holds for the tables' owner too, who then must be among the readers. */
  readonly force?: boolean
}

const identifier = /^[a-z_][a-z0-9_]{0,40}$/

export function embargoFaults(embargoes: readonly Embargo[], catalogs: readonly Catalog[]): Fault[] {
  const names = embargoes.map((each) => each.name)
  return embargoes.flatMap((embargo, i): Fault[] => {
    const faults: Fault[] = []
    const add = (part: string, problem: string) =>
      faults.push({ path: `embargoes.${embargo.name}${part}`, problem })
    const { catalog, only, until } = embargo
    if (!identifier.test(embargo.name)) add('', 'is not a lower-case SQL identifier of at most 41 letters')
    if (names.indexOf(embargo.name) !== i) add('', 'is declared twice')
    if (!catalogs.includes(catalog)) add('.catalog', `${catalog.name} is no catalogue of the survey`)
    if (!isDay(until)) add('.until', `"${until}" is no day of the form YYYY-MM-DD`)
    const selections = Object.keys(catalog.selections)
    if (!selections.includes(only)) {
      const near = nearest(only, selections)
      add('.only', `${catalog.name} has no selection "${only}"${near ? `; did you mean "${near}"?` : ''}`)
    }
    for (const reader of embargo.readers) {
      if ((readers as readonly string[]).includes(reader) || /^project:[a-z_][a-z0-9_]*$/.test(reader))
        continue
      const near = nearest(reader, readers)
      add('.readers', `"${reader}" is no reader${near ? `; did you mean "${near}"?` : ''}`)
    }
    if (embargo.force && !embargo.readers.includes('owner'))
      add('.force', `locks the owner out of ${catalog.name}: name "owner" among the readers, or leave it out`)
    return faults
  })
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

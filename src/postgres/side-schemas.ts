// Schemas beside a survey's own that belong to it: staged rows, and what releases are made of.
import type { Survey } from '../model/index.ts'

/** Where rows wait that are loaded and not published. */
export function stagingSchema({ schema }: Pick<Survey, 'schema'>): string {
  return `${schema}_staging`
}

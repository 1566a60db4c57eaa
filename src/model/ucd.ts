// Validation of Unified Content Descriptors against the UCD1+ vocabulary.
import { nearest } from './nearest.ts'
import { ucdWords } from './ucd-words.ts'

const codeOf = new Map<string, keyof typeof ucdWords>(
  Object.entries(ucdWords).flatMap(([code, words]) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => [word.toLowerCase(), code as keyof typeof ucdWords] as const),
  ),
)
const spelling = Object.values(ucdWords).flatMap((words) => words.trim().split(/\s+/))

/**
 * What is wrong with a UCD, or undefined when it is valid (IVOA "An IVOA standard for Unified Content
 * Descriptors" 1.1: words joined by `;`, the first one a primary word, the others secondary ones).
 */
export function ucdFault(ucd: string): string | undefined {
  for (const [position, word] of ucd.split(';').entries()) {
    const code = codeOf.get(word.trim().toLowerCase())
    if (code === undefined) return unknownWord(word, ucd)
    if (position === 0 && code === 'S') return `"${word}" of UCD "${ucd}" may only follow another word`
    if (position > 0 && code === 'P') return `"${word}" of UCD "${ucd}" may only stand first`
  }
  return undefined
}

function unknownWord(word: string, ucd: string): string {
  const found = nearest(word, spelling)
  const suggestion = found === undefined ? '' : `; did you mean "${found}"?`
  return `"${word}" of UCD "${ucd}" is not a UCD1+ word${suggestion}`
}

// File name patterns of layouts: `*` matches anything, `{part}` captures, `{part:A|B}` captures one of the words.

/** The captured parts when the file's base name matches the pattern, otherwise undefined. */
export function matchFile(pattern: string, fileName: string): Record<string, string> | undefined {
  const expression = pattern
    .split(/(\*|\{\w+(?::[^}]+)?\})/)
    .map((piece) => {
      if (piece === '*') return '.*'
      const part = /^\{(\w+)(?::([^}]+))?\}$/.exec(piece)
      if (part) return `(?<${part[1]}>${part[2]?.split('|').map(literally).join('|') ?? '[^/]+?'})`
      return literally(piece)
    })
    .join('')
  const match = new RegExp(`^${expression}(?:\\.gz)?$`).exec(fileName.replace(/^.*\//, ''))
  return match ? { ...match.groups } : undefined
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

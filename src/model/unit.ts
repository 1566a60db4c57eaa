// Validation of unit strings against VOUnits.
import { nearest } from './nearest.ts'

// VOUnits 1.1, table of known units: those that take SI prefixes, those that don't, those that take binary ones too.
const prefixable =
  'A a adu arcmin arcsec barn beam bin bit byte B C cd chan count ct d D deg erg eV F g G h H Hz J Jy K lm lx lyr m ' +
  'mag min mol N Ohm Pa pc ph photon pix pixel R rad Ry s S solLum solMass solRad sr T u V voxel W Wb yr'
const plain = '% Angstrom angstrom AU au Ba dB mas ta unknown'
const binary = ['bit', 'byte', 'B']
const prefixes = 'da d c m u n p f a z y h k M G T P E Z Y'.split(' ')
const binaryPrefixes = 'Ki Mi Gi Ti Pi Ei'.split(' ')
const functions = ['log', 'ln', 'exp', 'sqrt']

const unprefixed = [...prefixable.split(' '), ...plain.split(' ')]
const known = new Set([
  ...unprefixed,
  ...prefixable.split(' ').flatMap((unit) => prefixes.map((prefix) => prefix + unit)),
  ...binary.flatMap((unit) => binaryPrefixes.map((prefix) => prefix + unit)),
])

const scaleFactor = /10\*\*([+-]?\d+|\([+-]?\d+\))|(0\.\d+|[1-9]\d*(\.\d+)?)([eE][+-]?\d+)?/y
const numericPower = /\*\*([+-]?\d+|\([+-]?\d+([./]\d+)?\))/y
const quotedUnit = new RegExp(`(${prefixes.join('|')})?'[A-Za-z]+'`, 'y')

/**
 * What is wrong with a unit string, or undefined when it is valid (IVOA VOUnits 1.1, appendix C.4: an optional
 * scale factor, units joined by `.`, at most one `/` with one unit or parenthesis behind it, powers of units with `**`,
 * functions log, ln, exp, sqrt; a unit that the standard doesn't know stands in single quotes).
 */
export function unitFault(unit: string): string | undefined {
  const parser = new UnitParser(unit)
  return parser.fault()
}

class UnitParser {
  private at = 0
  constructor(private readonly text: string) {}

  fault(): string | undefined {
    try {
      this.match(scaleFactor)
      // "1" alone is dimensionless.
      if (this.text !== '1') this.expression()
      if (this.at < this.text.length) this.fail(`"${this.text.slice(this.at)}" is left over`)
    } catch (error) {
      if (error instanceof UnitSyntax) return `unit "${this.text}" is no VOUnit: ${error.message}`
      throw error
    }
    return undefined
  }

  private expression(): void {
    do this.factor()
    while (this.match(/\./y))
    if (!this.match(/\//y)) return
    this.factor()
    if (/[./]/.test(this.text[this.at] ?? '')) this.fail('only one unit may follow "/"; write a/(b.c)')
  }

  private factor(): void {
    if (this.match(/\(/y)) {
      this.closed()
      if (this.text.startsWith('**', this.at)) this.fail('a power belongs to one unit; write a**2/b**2')
    } else this.term()
  }

  private closed(): void {
    this.expression()
    if (!this.match(/\)/y)) this.fail('a ")" is missing')
  }

  private term(): void {
    if (this.match(quotedUnit) === undefined) {
      const word = this.match(/[A-Za-z]+|%/y)
      if (word === undefined) this.fail(`a unit is expected at "${this.text.slice(this.at)}"`)
      if (functions.includes(word) && this.match(/\(/y)) this.closed()
      else if (known.has(word)) this.match(numericPower)
      else this.unknown(word)
    } else this.match(numericPower)
  }

  private unknown(word: string): never {
    const found = nearest(word, unprefixed)
    return this.fail(`"${word}" is not known${found === undefined ? '' : `; did you mean "${found}"?`}`)
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  private fail(problem: string): never {
    throw new UnitSyntax(problem)
  }
}

class UnitSyntax extends Error {}

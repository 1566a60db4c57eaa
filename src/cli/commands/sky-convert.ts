// `almagest sky convert`: a position from one frame to another, to another epoch, in degrees and sexagesimal.
import { Command, Option } from 'commander'
import {
  atEpoch,
  convert,
  type Direction,
  type Frame,
  formatAngle,
  frameName,
  icrs,
  type Motion,
  motionInFrame,
  parseFrame,
} from '../../sky/index.ts'
import { type CommonOptions, print } from '../context.ts'
import { invalid } from '../numbers.ts'
import { parts, readPosition } from '../region-text.ts'
import { table } from '../report.ts'

interface ConvertOptions extends CommonOptions {
  from: Frame
  to: Frame
  motion?: string
  epochs?: string
}

const frames = 'icrs, fk5[:EQUINOX], galactic, supergalactic, ecliptic[:EQUINOX]'

export function convertCommand(): Command {
  const frame = (flags: string, description: string) =>
    new Option(flags, description).argParser(parseFrame).default(icrs, 'icrs')
  const command = new Command('convert')
    .description(
      'a position in another frame and at another epoch, in degrees and sexagesimal; asks no database',
    )
    .argument('<lon,lat>', 'degrees or sexagesimal (right ascensions in hours), e.g. "12:59:48.7,+27:58:50"')
    .addOption(frame('--from <frame>', `frame of the position: ${frames}`))
    .addOption(frame('--to <frame>', 'frame of the answer'))
    .option(
      '--motion <pmra,pmdec[,parallax,rv]>',
      'proper motion in ICRS, mas a year, that in right ascension times cos(dec); parallax in mas, radial velocity in km/s',
    )
    .option(
      '--epochs <from,to>',
      'with --motion: Julian years of the position and of the answer, e.g. 2000,2016',
    )
    .option('--json', 'print the result as JSON')
  return command.action((text: string, options: ConvertOptions) => {
    const [lon = '', lat = ''] = parts('<lon,lat>', text, ['lon', 'lat'])
    const position = readPosition(lon, lat, options.from)
    if ((options.motion === undefined) !== (options.epochs === undefined))
      throw invalid('--motion', options.motion ?? '', '--epochs beside it, and the other way about')
    const { to } = options
    const answer =
      options.motion === undefined
        ? convert({ lon: position.ra, lat: position.dec }, icrs, to)
        : moved({ ...position, ...readMotion(options.motion, options.epochs!) }, options.epochs!, to)
    const value = { frame: frameName(to), ...answer, text: sexagesimal(answer, to) }
    print({ value, text: table(Object.keys(value), [Object.values(value)]) }, options)
  })
}

function moved(star: Motion, epochs: string, to: Frame): Direction & { pmlon: number; pmlat: number } {
  const [, epoch] = numbers('--epochs', epochs)
  return motionInFrame(atEpoch(star, epoch!), to)
}

function readMotion(text: string, epochs: string): Omit<Motion, 'ra' | 'dec'> {
  const [pmra, pmdec, parallax, radialVelocity, ...others] = numbers('--motion', text)
  const years = numbers('--epochs', epochs)
  if (pmdec === undefined || others.length > 0)
    throw invalid('--motion', text, 'PMRA,PMDEC or PMRA,PMDEC,PARALLAX,RV')
  if (years.length !== 2) throw invalid('--epochs', epochs, 'two years, e.g. 2000,2016')
  return {
    pmra: pmra!,
    pmdec,
    epoch: years[0]!,
    ...(parallax === undefined ? {} : { parallax }),
    ...(radialVelocity === undefined ? {} : { radialVelocity }),
  }
}

function numbers(option: string, text: string): number[] {
  const found = text.split(',').map((each) => (each.trim() === '' ? Number.NaN : Number(each)))
  if (found.every(Number.isFinite)) return found
  throw invalid(option, text, 'numbers separated by commas')
}

/** Right ascensions in hours to a millisecond, other angles in degrees to a hundredth of an arc second. */
function sexagesimal({ lon, lat }: Direction, to: Frame): string {
  const hours = to.kind === 'icrs' || to.kind === 'fk5'
  const first = hours ? formatAngle(lon, 'hours', 3) : formatAngle(lon, 'degrees').replace('+', '')
  return `${first} ${formatAngle(lat, 'degrees')}`
}

// The options that name a region of the sky, for every command that takes one.
import { type Command, Option } from 'commander'
import {
  bearing,
  box,
  cone,
  ellipse,
  type Frame,
  icrs,
  parseAngle,
  parseFrame,
  polygon,
  type Region,
  strip,
  toIcrs,
} from '../sky/index.ts'
import { readMoc } from './moc-file.ts'
import { invalid, readSize } from './numbers.ts'
import { parts, readLongitude, readPosition } from './region-text.ts'

export interface RegionOptions {
  cone?: string
  box?: string
  strip?: string
  ellipse?: string
  polygon?: string
  moc?: string
  frame: Frame
}

/** Adds the options of regions and their frame. */
export function regionOptions(command: Command): Command {
  return command
    .option('--cone <lon,lat,radius>', `circle: degrees or sexagesimal, e.g. "12:59:48.7,+27:58:50,30'"`)
    .option('--box <west,east,south,north>', 'ranges of longitude and latitude; 350,10 crosses 0')
    .option('--strip <south,north>', 'range of latitude, e.g. --frame galactic --strip -5,5')
    .option('--ellipse <lon,lat,major,minor,angle>', 'half axes, and the angle east of north in degrees')
    .option('--polygon <vertices>', 'vertices joined by great circles, e.g. "10,10 20,10 15,20"')
    .option('--moc <file>', 'coverage map: FITS, ASCII, or the text itself such as 3/3,10-12')
    .addOption(
      new Option(
        '--frame <name>',
        'frame of the region: icrs, fk5[:EQUINOX], galactic, supergalactic, ecliptic[:EQUINOX]',
      )
        .argParser(parseFrame)
        .default(icrs, 'icrs'),
    )
}

/**
 * The region that the options name, if any.
 * @throws AlmagestError `OPTION_INVALID` for two regions or an option of another form; what the regions throw
 */
export async function readRegion(options: RegionOptions): Promise<Region | undefined> {
  const readers: Record<string, (text: string, frame: Frame) => Region | Promise<Region>> = {
    cone: readCone,
    box: readBox,
    strip: readStrip,
    ellipse: readEllipse,
    polygon: readPolygon,
    moc: readCoverage,
  }
  const given = Object.keys(readers).filter((name) => options[name as 'cone'] !== undefined)
  const [name] = given
  if (name === undefined) return undefined
  if (given.length > 1) throw invalid(`--${given[1]}`, given.join(', '), 'its region alone, without another')
  return readers[name]!(options[name as 'cone']!, options.frame)
}

function readCone(text: string, frame: Frame): Region {
  const [lon = '', lat = '', radius = ''] = parts('--cone', text, ['lon', 'lat', 'radius'])
  return cone({ ...readPosition(lon, lat, frame), radius: readSize('--cone', radius) })
}

function readBox(text: string, frame: Frame): Region {
  const [west = '', east = '', south = '', north = ''] = parts('--box', text, [
    'west',
    'east',
    'south',
    'north',
  ])
  return box({
    frame,
    lon: [readLongitude(west, frame), readLongitude(east, frame)],
    lat: [parseAngle(south, 'degrees'), parseAngle(north, 'degrees')],
  })
}

function readStrip(text: string, frame: Frame): Region {
  const [south = '', north = ''] = parts('--strip', text, ['south', 'north'])
  return strip({ frame, lat: [parseAngle(south, 'degrees'), parseAngle(north, 'degrees')] })
}

function readEllipse(text: string, frame: Frame): Region {
  const names = ['lon', 'lat', 'major', 'minor', 'angle']
  const [lon = '', lat = '', major = '', minor = '', angle = ''] = parts('--ellipse', text, names)
  const centre = readPosition(lon, lat, frame)
  // north is where the frame's own pole lies
  const north = frame.kind === 'icrs' ? 0 : bearing(centre, toIcrs({ lon: 0, lat: 90 }, frame))
  return ellipse({
    ...centre,
    major: readSize('--ellipse', major),
    minor: readSize('--ellipse', minor),
    angle: north + parseAngle(angle, 'degrees'),
  })
}

function readPolygon(text: string, frame: Frame): Region {
  const vertices = text.trim().split(/\s+/)
  return polygon(
    vertices.map((each) => {
      const [lon = '', lat = ''] = parts('--polygon', each, ['lon', 'lat'])
      return readPosition(lon, lat, frame)
    }),
  )
}

function readCoverage(given: string, frame: Frame): Promise<Region> {
  if (frame.kind !== 'icrs') throw invalid('--frame', frame.kind, 'icrs beside --moc, whose cells are ICRS')
  return readMoc(given)
}

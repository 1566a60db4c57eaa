// What can be odd in galaxies and void tables without stopping a mapping: named, explained, counted.

/** Each oddity and what the mapping does about it. */
export const oddities = {
  galaxyWithoutRedshift: 'galaxies without a redshift: no position, so no membership in holes or spheres',
  galaxyNegativeRedshift: 'galaxies with a negative redshift: no distance follows from it, so none is given',
  galaxyWithoutPosition: 'galaxies whose RA or declination is missing or beyond the poles: not placed',
  galaxyRaNormalized: 'galaxies with an RA outside [0, 360): turned into it',
  galaxyBelowLimits: "galaxies below the release's redshift limits",
  galaxyAboveLimits: "galaxies above the release's redshift limits",
  galaxyNotInTessellation:
    'galaxies that the galaxy-zone table does not list: no zone, so no membership by zones',
  galaxyFootprintUnknown:
    'galaxies called wall without a mask that tells whether the finder looked there: some may be edge or outside',
  holeWithoutVoid:
    'holes whose void is not in the void table: galaxies in them are inside a void, without a pair',
  holeWithoutRadius: 'holes without a position or with a radius of zero or less: left out',
  voidWithoutRadius: 'voids with a radius of zero or less: no distance in radii',
  zoneMinusOne: 'galaxy-zone rows with zone -1: outside the redshift limits or the mask',
  zoneNotInZoneVoid: 'galaxy-zone rows whose zone the zone table does not list: no void can be told',
  zoneVoidNotInVoids:
    'entries of the zone table that name a void which is not in the void table: no pair is made',
  tessellationWithoutGalaxy: 'galaxy-zone rows whose galaxy is not in the galaxy table',
} as const

export type Oddity = keyof typeof oddities

export type OddityCounts = Record<Oddity, number>

export function noOddities(): OddityCounts {
  return Object.fromEntries(Object.keys(oddities).map((name) => [name, 0])) as OddityCounts
}

// Angles smaller than a degree, in degrees.

/** Arc minutes in degrees: `arcmin(3)` is 0.05. */
export const arcmin = (minutes: number): number => minutes / 60
/** Arc seconds in degrees: `arcsec(1.8)` is 0.0005. */
export const arcsec = (seconds: number): number => seconds / 3600

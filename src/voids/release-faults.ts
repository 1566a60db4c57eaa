// What makes a set of void releases unfit to be mapped together: refused before any galaxy is placed.
import { AlmagestError } from '../model/index.ts'
import { describeCosmology } from './cosmology.ts'
import type { Release, ReleaseToMap, VoidTable } from './finder.ts'

/** Towards the north galactic pole in ICRS: RA 192.85948, dec 27.12825 degrees (ESA 1997, Hipparcos, vol. 1, 1.5.3). */
const GALACTIC_POLE = [-0.8676661, -0.1980764, 0.4559838] as const

/**
 * @throws AlmagestError `VOIDS_MIXED_COSMOLOGIES`: files of one finder were made with different parameters;
 *   `VOIDS_RELEASE_TWICE`: one finder and cap given twice; `VOIDS_DUPLICATE_VOID`: a void number twice in a table;
 *   `VOIDS_CAP_MISMATCH`: most voids of a cap lie in the other one
 */
export function refuseFaultyReleases(releases: readonly ReleaseToMap[]): void {
  const first = new Map<string, Release>()
  const caps = new Set<string>()
  for (const { finder, release } of releases) {
    const before = first.get(release.source) ?? release
    first.set(release.source, before)
    refuseMixedCosmologies(before, release)
    const name = `${finder.source} of ${release.source} ${release.cap}`
    if (caps.has(name))
      throw fault('VOIDS_RELEASE_TWICE', `${name} is given twice`, 'Give each finder and cap once.')
    caps.add(name)
    refuseDuplicateVoids(release)
    refuseWrongCap(release)
  }
}

function fault(code: string, message: string, hint: string): AlmagestError {
  return new AlmagestError(code, 'data', message, hint)
}

function refuseMixedCosmologies(one: Release, other: Release): void {
  const [a, b] = [describeCosmology(one.cosmology), describeCosmology(other.cosmology)]
  if (a === b) return
  throw fault(
    'VOIDS_MIXED_COSMOLOGIES',
    `${one.source} ${one.cap} was made with (${a}), ${other.source} ${other.cap} with (${b})`,
    'Map only files of one cosmology per finder: load matching files, or keep them in separate schemas.',
  )
}

function refuseDuplicateVoids({ source, cap, voids }: Release): void {
  const rows = new Map<number, number>()
  voids.number.forEach((number, row) => {
    const before = rows.get(number)
    rows.set(number, row)
    if (before === undefined) return
    throw fault(
      'VOIDS_DUPLICATE_VOID',
      `void ${number} of ${source} ${cap} stands in rows ${before + 1} and ${row + 1}`,
      'A void number identifies one void within a file: load the file again.',
    )
  })
}

/** Caps called NGC and SGC must lie mostly north and south of the galactic plane. */
function refuseWrongCap({ source, cap, voids }: Release): void {
  if (cap !== 'NGC' && cap !== 'SGC') return
  const north = countNorthern(voids)
  const total = voids.number.length
  const right = cap === 'NGC' ? north : total - north
  if (2 * right >= total) return
  throw fault(
    'VOIDS_CAP_MISMATCH',
    `${total - right} of ${total} voids of ${source} ${cap} lie in the other galactic cap`,
    'Check which file was loaded as which cap.',
  )
}

function countNorthern({ x, y, z }: VoidTable): number {
  const [px, py, pz] = GALACTIC_POLE
  let north = 0
  for (let i = 0; i < x.length; i++) if (x[i]! * px + y[i]! * py + z[i]! * pz > 0) north++
  return north
}

// The voids of every zone of all releases, ready to be written.
import type { ZoneVoidChunk } from './mapped-rows.ts'
import type { StoredRelease } from './release-tables.ts'
import { zoneVoidEntries, zoneVolumes } from './zone-hierarchy.ts'

/** Every void that is known of each zone, release by release. */
export function zoneVoidsOf(stored: readonly StoredRelease[]): ZoneVoidChunk[] {
  const releases = stored.map(({ release }) => release)
  return stored.flatMap(({ release, voidId }) => {
    const { source, cap, voids, zones } = release
    if (!zones) return []
    return [{ source, cap, voidId, entries: zoneVoidEntries(voids, zones, zoneVolumes(release, releases)) }]
  })
}

// TARGETIDs as DESI packs them: data release, brick and number of the object in the brick.

/** Legacy Surveys release 9.0 south, the release of most main targets. */
const release = 9010
const objectsPerBrick = 64

/**
 * TARGETID = release * 2^42 + brick * 2^22 + object (the desitarget package, "encode_targetid"): above 2^53, so no
 * double holds them.
 */
export function targetIds(galaxies: Int32Array): BigInt64Array<ArrayBuffer> {
  const ids = new BigInt64Array(galaxies.length)
  galaxies.forEach((galaxy, i) => {
    const brick = 1 + Math.floor(galaxy / objectsPerBrick)
    const object = 1 + (galaxy % objectsPerBrick) * 61
    const high = release * 1024 + Math.floor(brick / 1024)
    const low = (brick % 1024) * 4194304 + object
    ids[i] = (BigInt(high) << 32n) | BigInt(low)
  })
  return ids
}

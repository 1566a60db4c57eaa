// The redshifts of the main bright program: a broad peak near 0.2, and a thin tail of quasars.

/** Of so many targets one is a quasar. */
const quasarShare = 0.002
const lowest = 0.001
const bulkEnd = 0.65
/** The release's highest redshift. */
const highest = 6.408

/** z^2 exp(-(z/0.16)^1.5): a volume that grows, and a flux limit that ends it. */
const density = (z: number) => z * z * Math.exp(-((z / 0.16) ** 1.5))

const nodes = 4096

/** Share of the galaxies below each node's redshift. */
const cumulative = (() => {
  const sums = new Float64Array(nodes + 1)
  for (let i = 1; i <= nodes; i++) sums[i] = sums[i - 1]! + density(redshiftAt(i - 0.5))
  return sums.map((sum) => sum / sums[nodes]!)
})()

function redshiftAt(node: number): number {
  return lowest + ((bulkEnd - lowest) * node) / nodes
}

export function drawRedshift(random: () => number): number {
  if (random() < quasarShare) return bulkEnd * (highest / bulkEnd) ** random()
  const share = random()
  let [low, high] = [0, nodes]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (cumulative[middle]! <= share) low = middle
    else high = middle
  }
  const [below, above] = [cumulative[low]!, cumulative[high]!]
  return redshiftAt(low + (share - below) / (above - below))
}

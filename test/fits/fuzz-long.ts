// A long fuzzing run, by hand: `npm run fuzz:fits -- [MUTATIONS] [SEED]`, 1,000,000 where absent: about two minutes.
import { fuzz } from './fuzz.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
const start = performance.now()
let peak = 0

const report = await fuzz(count, seed, (done) => {
  if (done % 10_000 === 0) peak = Math.max(peak, process.memoryUsage.rss())
  if (done % 100_000 === 0)
    console.log(`${done} mutations, ${Math.round((performance.now() - start) / 1000)} s`)
})
console.log(report)
console.log(
  `no crash; peak memory ${Math.round(peak / 2 ** 20)} MB, ${Math.round((performance.now() - start) / 1000)} s`,
)

// Runs one cross-match into a table and tells time and memory as JSON: `sky-match-child.ts URL A B INTO SKY-INDEX RADIUS [ROAD]`.
import { connect } from '../src/postgres/index.ts'
import { chooseSkyIndex, crossMatch, type Road, storeMatch } from '../src/sky/index.ts'

const [url = '', a = '', b = '', into = '', sky = '', radius = '', road = ''] = process.argv.slice(2)
const side = (table: string) => ({ table, ra: 'ra', dec: 'dec', key: ['id'] })

await using client = await connect(url)
const index = await chooseSkyIndex(client, sky)
const match = crossMatch(side(a), side(b), { radius: Number(radius) })
const { rows, seconds, plan } = await storeMatch(url, index, match, into, {
  replace: true,
  ...(road ? { road: road as Road } : {}),
})
console.log(JSON.stringify({ rows, seconds, road: plan.road, memory: process.resourceUsage().maxRSS / 1e3 }))

// What the proof tries on the way to the server: without TLS, with a wrong password, into another database.
import { type Client, connect, type Row, sqlState } from '../../postgres/index.ts'
import type { Cell } from '../cell.ts'
import type { Probe } from '../probe.ts'

/** SQLSTATEs of a refusal while connecting: no line of pg_hba.conf lets in, or the password is wrong. */
const refusals = ['28000', '28P01']

/** Every probe's session is by TLS, and no other way in stands open to it. */
export async function tryConnections(superuser: Client, probes: readonly Probe[]): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const { kind, client, url } of probes) {
    // A project's session acts in the project's role, which doesn't see its own line.
    const { rows } = await superuser.query<{ ssl: boolean } & Row>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = $1',
      [client.processId],
    )
    const cell = (action: string, expected: string, observed: string, state: string | null = null): Cell => ({
      role: kind,
      object: 'connection',
      action,
      expected,
      observed,
      sqlState: state,
      holds: observed === expected,
    })
    cells.push(cell('TLS', 'allowed', rows[0]?.ssl ? 'allowed' : 'not encrypted'))
    const ways: [string, (other: URL) => void][] = [
      ['without TLS', (other) => other.searchParams.set('sslmode', 'disable')],
      ['wrong password', (other) => (other.password = 'wrong')],
      ['another database', (other) => (other.pathname = '/template1')],
    ]
    for (const [action, change] of ways) {
      const other = new URL(url)
      change(other)
      const outcome = await open(other.href)
      cells.push(cell(action, 'refused', outcome.observed, outcome.state))
    }
  }
  return cells
}

async function open(url: string): Promise<{ observed: string; state: string | null }> {
  try {
    await (await connect(url)).end()
    return { observed: 'allowed', state: null }
  } catch (error) {
    const state = sqlState(error) ?? null
    return { observed: state && refusals.includes(state) ? 'refused' : 'failed', state }
  }
}

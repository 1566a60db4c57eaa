// Whether the ledger is whole: its chain entry by entry, the signed heads that were kept, and what records.
import type { KeyObject } from 'node:crypto'
import type { Client, Row } from '../postgres/index.ts'
import { ChainWalk, type Entry, type Fault, gone } from './chain.ts'
import { brokenLedger } from './errors.ts'
import { auditFaults } from './guards.ts'
import { type Head, isSigned, type SignedHead, signHead } from './heads.ts'
import { needSetup } from './ledger.ts'

export interface Verdict {
  readonly ledger: string
  readonly entries: number
  /** Number and hash (hexadecimal) of the last entry. */
  readonly last: { readonly seq: bigint; readonly hash: string }
  /** Changes, removals and reorderings, the first one first. */
  readonly faults: readonly Fault[]
  /** What doesn't record as it should. */
  readonly guards: readonly string[]
  readonly heads: number
  /** The last entry that a signed head vouches for; 0 without heads. */
  readonly signedTo: bigint
}

const batch = 5000

/**
 * Reads the whole ledger in one snapshot and computes every hash anew. Needs the auditor's rights only.
 * @param heads  signed heads that were kept elsewhere; without them, entries removed from the end, and a chain
 *   that was computed anew from a changed entry on, can't be told
 * @param key  the public key, needed with heads
 * @throws AlmagestError `AUDIT_NOT_APPLIED`
 */
export async function verifyAudit(
  client: Client,
  heads: readonly SignedHead[] = [],
  key?: KeyObject,
): Promise<Verdict> {
  const setup = await needSetup(client)
  const walk = new ChainWalk()
  const marks = new Map(heads.map(({ seq }) => [seq, '']))
  let ledger = ''
  await client.transaction(async () => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    await client.query(
      `DECLARE entries NO SCROLL CURSOR FOR SELECT seq, (extract(epoch FROM at) * 1000000)::bigint AS at, kind, content, previous, hash
       FROM almagest_audit.entry ORDER BY seq, at, ctid`,
    )
    for (;;) {
      const { rows } = await client.query<Entry & Row>(`FETCH ${batch} FROM entries`)
      for (const row of rows) {
        walk.take(row)
        if (row.seq === 1n) ledger ||= ledgerOf(row.content)
        if (marks.has(row.seq)) marks.set(row.seq, row.hash.toString('hex'))
      }
      if (rows.length < batch) break
    }
  })
  const waiting = await client.query<{ waiting: bigint }>(
    'SELECT count(*) AS waiting FROM almagest_audit.inbox',
  )
  const guards = setup.prefix === '' ? [] : await auditFaults(client, setup)
  if (ledger === '')
    walk.faults.push({
      seq: 1n,
      what: 'entry 1 is missing or was changed: nothing says which ledger this is',
    })
  if (waiting.rows[0]!.waiting > 0n)
    guards.push(
      `${waiting.rows[0]!.waiting} entries wait in the inbox: the trigger that chains them did not run`,
    )
  const checked = checkHeads(heads, key, ledger, walk, marks)
  const faults = [...walk.faults, ...checked.faults].sort((a, b) => Number(a.seq - b.seq))
  const { seq, hash } = walk.last
  return {
    ledger,
    entries: walk.entries,
    last: { seq, hash: hash.toString('hex') },
    faults,
    guards,
    heads: heads.length,
    signedTo: checked.signedTo,
  }
}

/** Holds the heads against the entries of their numbers, in order: the last one that fits bounds what was changed. */
function checkHeads(
  heads: readonly SignedHead[],
  key: KeyObject | undefined,
  ledger: string,
  walk: ChainWalk,
  marks: ReadonlyMap<bigint, string>,
): { faults: Fault[]; signedTo: bigint } {
  const faults: Fault[] = []
  let signedTo = 0n
  for (const head of [...heads].sort((a, b) => Number(a.seq - b.seq))) {
    const { seq } = head
    if (!key || !isSigned(head, key)) {
      faults.push({ seq, what: `the head at entry ${seq} (${head.signedAt}) is not signed with this key` })
      continue
    }
    if (ledger !== '' && head.ledger !== ledger)
      faults.push({
        seq: 1n,
        what: `the head at entry ${seq} (${head.signedAt}) is of another ledger: this one was made anew, or its first entry was changed`,
      })
    else if (seq > walk.last.seq)
      faults.push({
        seq: walk.last.seq + 1n,
        what: `${gone(walk.last.seq + 1n, seq)}: the end was cut off after the head of ${head.signedAt}`,
      })
    else if (marks.get(seq) !== head.hash) {
      const from = signedTo + 1n
      // A fault of the chain before it says better where it begins.
      const told = walk.faults.some((fault) => fault.seq >= from && fault.seq <= seq)
      faults.push({
        seq: told ? seq : from,
        what: `entry ${seq} is not the one that was signed at ${head.signedAt}: an entry from ${from} to ${seq} was changed or removed, and the chain computed anew`,
      })
    } else signedTo = seq
  }
  return { faults, signedTo }
}

function ledgerOf(content: string): string {
  try {
    return String((JSON.parse(content) as { ledger?: unknown }).ledger ?? '')
  } catch {
    return ''
  }
}

/**
 * Signs the last entry, after the chain and the heads that were kept before have been verified.
 * @throws AlmagestError `AUDIT_NOT_APPLIED`; `AUDIT_BROKEN` when anything is wrong with the chain
 */
export async function signAudit(
  client: Client,
  key: KeyObject,
  heads: readonly SignedHead[],
  publicKey: KeyObject,
): Promise<SignedHead> {
  const { ledger, last, faults } = await verifyAudit(client, heads, publicKey)
  if (faults[0]) throw brokenLedger(faults[0].what)
  const head: Head = { ledger, seq: last.seq, hash: last.hash, signedAt: new Date().toISOString() }
  return signHead(head, key)
}

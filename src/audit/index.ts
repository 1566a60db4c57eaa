// The door of the audit room: who changed and who read what, in a ledger that tells when it was tampered with.
export { type AuditApplied, applyAudit } from './apply.ts'
export type { Fault } from './chain.ts'
export { type AuditEvent, auditEvents, type EventFilter } from './events.ts'
export { keepHead, readHeads, readPrivateKey, readPublicKey, type SignedHead } from './heads.ts'
export { type Ingested, ingestAudit } from './ingest.ts'
export { signAudit, type Verdict, verifyAudit } from './verify.ts'

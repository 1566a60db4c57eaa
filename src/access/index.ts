// The door of the access room: who may do what, and the proof that it is so.
export type { Cell } from './cell.ts'
export { findHazards, type Hazard } from './hazards.ts'
export { type Lab, type Project, parseLab, roleKinds, usualLab } from './lab.ts'
export { accessMatrix, type MatrixRow } from './matrix.ts'
export { type AccessPlan, applyAccess, planAccess } from './plan.ts'
export { proofPage } from './proof-page.ts'
export { type Proof, proveAccess } from './prove.ts'
export { resetAudit } from './reset.ts'
export { roleName } from './roles.ts'
export { auditGrants } from './statements.ts'
export {
  type Certificates,
  certificateFiles,
  checkCertificates,
  issueCertificates,
} from './transport/certificates.ts'
export { transportDifferences, whereAndWho } from './transport/compare.ts'
export { installTransport, networkOf } from './transport/install.ts'
export { connectionRules, rulesFile, transportSettings } from './transport/rules.ts'

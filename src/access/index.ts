// The door of the access room: who may do what, and the proof that it is so.
export { findHazards, type Hazard } from './hazards.ts'
export { type Lab, type Project, parseLab, roleKinds, usualLab } from './lab.ts'
export { accessMatrix, type MatrixRow } from './matrix.ts'
export { type AccessPlan, applyAccess, planAccess } from './plan.ts'
export { proofPage } from './proof-page.ts'
export { type Cell, type Proof, proveAccess } from './prove.ts'

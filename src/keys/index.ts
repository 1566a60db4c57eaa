// The door of the keys room: keys for encrypted columns, and the values that they seal.
export { addKey, type KeyRing } from './key-ring.ts'
export { openValue } from './open-value.ts'
export { openKeys } from './providers.ts'
export { type Sealer, sealedOverhead, sealer, unseal } from './seal.ts'

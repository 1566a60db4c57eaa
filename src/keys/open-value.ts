// Sealed values back to what the catalogue declares: the bytes within are those of COPY BINARY.
import type { Column } from '../model/index.ts'
import type { KeyRing } from './key-ring.ts'
import { unseal } from './seal.ts'

/**
 * The value that a sealed one holds; null stays null.
 * @param name  `schema.table.column`
 * @throws AlmagestError those of `unseal`
 */
export function openValue(
  ring: KeyRing,
  name: string,
  { encrypts }: Column,
  sealed: Uint8Array | null,
): unknown {
  if (sealed === null) return null
  const bytes = unseal(ring, name, sealed)
  switch (encrypts!.type) {
    case 'text':
      return bytes.toString('utf8')
    case 'boolean':
      return bytes[0] === 1
    case 'bigint':
      return bytes.readBigInt64BE()
    case 'integer':
      return bytes.readInt32BE()
    case 'smallint':
      return bytes.readInt16BE()
    case 'real':
      return bytes.readFloatBE()
    default:
      return bytes.readDoubleBE()
  }
}

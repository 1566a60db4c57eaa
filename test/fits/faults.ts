// Expecting faults: the code of a FitsError, its message and place.
import { expect } from 'vitest'
import { FitsError, type FitsErrorCode } from '../../src/fits/index.ts'

/** The FitsError that the work ends in, checked for its code and for having a message and a hint. */
export async function faultOf(code: FitsErrorCode, work: () => unknown): Promise<FitsError> {
  try {
    await work()
  } catch (fault) {
    if (!(fault instanceof FitsError)) throw fault
    expect(fault.code, fault.message).toBe(code)
    expect(fault.hint).not.toBe('')
    return fault
  }
  throw new Error(`no fault where ${code} was expected`)
}

// Releases on their way to a thread: their columns in memory that threads share, masks without their functions.
import { type MaskPixels, maskOf, type SkyMask } from './footprint.ts'
import type { ToPlace } from './place-batch.ts'

type Sent<T> = T extends { contains: unknown } ? MaskPixels : { [K in keyof T]: Sent<T[K]> }
/** What is to be mapped, fit for a message. */
export type SentToPlace = Sent<ToPlace>

/** The same with every column copied once into shared memory; several threads then hold one copy. */
export function sent(toPlace: ToPlace): SentToPlace {
  return shared(toPlace, new Map()) as SentToPlace
}

export function received({ releases, parameters }: SentToPlace): ToPlace {
  const masks = new Map<MaskPixels, SkyMask>()
  const maskAgain = (pixels: MaskPixels) => {
    const mask = masks.get(pixels) ?? maskOf(pixels)
    masks.set(pixels, mask)
    return mask
  }
  return {
    parameters,
    releases: (releases as unknown as ToPlace['releases']).map((release) => {
      const { footprint } = release
      return footprint
        ? { ...release, footprint: { ...footprint, mask: maskAgain(footprint.mask) } }
        : release
    }),
  }
}

/** @param done  what was met already: releases that share a mask share it afterwards */
function shared(value: unknown, done: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const again = done.get(value) ?? copied(value, done)
  done.set(value, again)
  return again
}

function copied(value: object, done: Map<unknown, unknown>): unknown {
  if (ArrayBuffer.isView(value)) {
    const column = value as Float64Array
    const memory = new SharedArrayBuffer(column.byteLength)
    const copy = new (column.constructor as Float64ArrayConstructor)(memory as unknown as ArrayBuffer)
    copy.set(column)
    return copy
  }
  if (Array.isArray(value)) return value.map((each) => shared(each, done))
  const kept = Object.entries(value).filter(([, each]) => typeof each !== 'function')
  return Object.fromEntries(kept.map(([name, each]) => [name, shared(each, done)]))
}

// Keys from their places, and values sealed by them: opened again, or refused when anything was touched.
import { createDecipheriv, createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { addKey, openKeys, openValue, sealedOverhead, sealer, unseal } from '../../src/keys/index.ts'
import { encrypted, float64, text } from '../../src/model/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'almagest-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ringIn(name: string, text = addKey('')) {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return { path, text, ring: openKeys(`file:${path}`) }
}

describe('a sealed value', () => {
  const { ring } = ringIn('one')
  const seal = sealer(ring, 's.t.c')

  test('opens to itself, and is longer by a fixed number of bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
        const sealed = seal(value)
        expect(sealed.length).toBe(value.length + sealedOverhead)
        expect(unseal(ring, 's.t.c', sealed)).toEqual(Buffer.from(value))
      }),
    )
  })
  test('is AES-256-GCM over the value with the column’s name, in the documented layout', () => {
    const key = ring.current.bytes
    const sealed = seal(Buffer.from('Vesta'))
    expect(sealed[0]).toBe(1)
    expect(sealed.subarray(1, 5)).toEqual(createHash('sha256').update(key).digest().subarray(0, 4))
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(5, 17))
    decipher.setAAD(Buffer.from('s.t.c')).setAuthTag(sealed.subarray(-16))
    expect(decipher.update(sealed.subarray(17, -16), undefined, 'utf8') + decipher.final('utf8')).toBe(
      'Vesta',
    )
  })
  test('never looks the same twice', () => {
    const seen = new Set(Array.from({ length: 5000 }, () => seal(Buffer.from('x')).toString('hex')))
    expect(seen.size).toBe(5000)
  })
  test('is refused once any of its bits, or its column, is another', () => {
    const sealed = seal(Buffer.from('Vesta'))
    expect(() => unseal(ring, 's.t.other', sealed)).toThrow(
      expect.objectContaining({ code: 'SEALED_VALUE_BROKEN' }),
    )
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const touched = Buffer.from(sealed)
      touched[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => unseal(ring, 's.t.c', touched)).toThrow(/sealed/)
    }
    expect(() => unseal(ring, 's.t.c', sealed.subarray(0, 20))).toThrow(/sealed/)
  })
  test('of an older key opens by the ring that still has it, and by no other', () => {
    const before = ringIn('old')
    const sealed = sealer(before.ring, 's.t.c')(Buffer.from('old'))
    const after = ringIn('rotated', addKey(before.text)).ring
    expect(unseal(after, 's.t.c', sealed).toString()).toBe('old')
    expect(after.current.id).not.toEqual(before.ring.current.id)
    expect(() => unseal(ring, 's.t.c', sealed)).toThrow(expect.objectContaining({ code: 'KEYS_UNKNOWN' }))
  })
  test('opens to the type that the column declares', () => {
    const number = Buffer.alloc(8)
    number.writeDoubleBE(-0.5)
    const double = encrypted(float64('X', 'Number.'))
    expect(openValue(ring, 's.t.c', double, seal(number))).toBe(-0.5)
    expect(openValue(ring, 's.t.c', encrypted(text('X', 'Text.')), seal(Buffer.from('é')))).toBe('é')
    expect(openValue(ring, 's.t.c', double, null)).toBeNull()
  })
})

describe('keys', () => {
  const { path, text: ring } = ringIn('places')
  const code = (place: string) => {
    try {
      openKeys(place)
      return 'opened'
    } catch (error) {
      // No message holds a key.
      for (const line of ring.trim().split('\n')) expect(String((error as Error).stack)).not.toContain(line)
      return (error as { code: string }).code
    }
  }
  test('come from a file, the environment or a program', () => {
    process.env.ALMAGEST_TEST_RING = ring
    const ids = [`file:${path}`, 'env:ALMAGEST_TEST_RING', `command:cat ${path}`].map((place) =>
      openKeys(place).current.id.toString('hex'),
    )
    expect(new Set(ids).size).toBe(1)
    delete process.env.ALMAGEST_TEST_RING
  })
  test('that are not there, too open or malformed are refused', () => {
    expect(code('env:ALMAGEST_TEST_NONE')).toBe('KEYS_MISSING')
    expect(code(`file:${join(folder, 'none')}`)).toBe('KEYS_MISSING')
    expect(code('command:false')).toBe('KEYS_MISSING')
    expect(code('command:/no/such/program')).toBe('KEYS_MISSING')
    expect(code('vault:x')).toBe('KEYS_PLACE')
    expect(code('constructor:x')).toBe('KEYS_PLACE')
    const open = ringIn('open').path
    chmodSync(open, 0o640)
    expect(code(`file:${open}`)).toBe('KEYS_TOO_OPEN')
    for (const [i, text] of [
      '',
      '# only a remark\n',
      'short\n',
      `${ring.trim()}x\n`,
      `${ring}!\n`,
    ].entries()) {
      writeFileSync(join(folder, `bad${i}`), text, { mode: 0o600 })
      expect(code(`file:${join(folder, `bad${i}`)}`)).toBe('KEYS_MALFORMED')
    }
    expect(readFileSync(path, 'utf8')).toBe(ring)
  })
})

// UCDs are accepted as the UCD1+ list of words says, and as astropy checks them.
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ucdFault } from '../../src/model/index.ts'
import { needs } from '../require.ts'

describe('UCD1+', () => {
  test.each([
    'pos.eq.ra;meta.main',
    'meta.id;meta.main',
    'src.redshift',
    'stat.error;phys.mass',
    'PHYS.MASS',
  ])('%s is valid', (ucd) => expect(ucdFault(ucd)).toBeUndefined())

  test.each([
    ['meta.main;meta.id', '"meta.main" of UCD "meta.main;meta.id" may only follow another word'],
    ['phys.mass;stat.error', '"stat.error" of UCD "phys.mass;stat.error" may only stand first'],
    ['phys.maas', '"phys.maas" of UCD "phys.maas" is not a UCD1+ word; did you mean "phys.mass"?'],
    ['', '"" of UCD "" is not a UCD1+ word'],
    ['src.redshift;', '"" of UCD "src.redshift;" is not a UCD1+ word'],
  ])('%s is not', (ucd, problem) => expect(ucdFault(ucd)).toBe(problem))
})

needs('astropy')('UCDs against astropy', () => {
  const script = `
import json, sys
from astropy.io.votable import ucd
from astropy.utils.data import get_pkg_data_filename
if sys.argv[1] == 'words':
    words = ucd.UCDWords()
    json.dump(sorted(words._primary | words._secondary), sys.stdout)
else:
    json.dump([ucd.check_ucd(each, check_controlled_vocabulary=True) for each in json.load(sys.stdin)], sys.stdout)`
  const ask = (what: string, input: unknown) =>
    JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, what], { input: JSON.stringify(input) }).toString(),
    )

  test('every word alone, and after and before another', () => {
    const words: string[] = ask('words', null)
    expect(words.length).toBeGreaterThan(400)
    const ucds = words.flatMap((word) => [word, `phys.mass;${word}`, `${word};meta.main`])
    const accepted: boolean[] = ask('check', ucds)
    expect(ucds.filter((ucd, i) => (ucdFault(ucd) === undefined) !== accepted[i])).toEqual([])
    expect(accepted).toContain(false)
  })

  test('words with slips, and several words in any order', () => {
    const words: string[] = ask('words', null)
    const word = fc.constantFrom(...words)
    const slip = fc.tuple(word, fc.nat()).map(([each, at]) => {
      const k = at % each.length
      return each.slice(0, k) + each.slice(k + 1)
    })
    const ucd = fc.array(fc.oneof({ weight: 4, arbitrary: word }, slip), { minLength: 1, maxLength: 3 })
    const ucds = fc.sample(ucd, { numRuns: 800, seed: 2 }).map((parts) => parts.join(';'))
    const accepted: boolean[] = ask('check', ucds)
    expect(ucds.filter((each, i) => (ucdFault(each) === undefined) !== accepted[i])).toEqual([])
  })
})

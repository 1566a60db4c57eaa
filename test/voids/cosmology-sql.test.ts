// Distances and times in SQL against astropy's own, the stated error bounds, and what the functions refuse.
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../src/postgres/index.ts'
import {
  type CosmologyParameters,
  comovingDistance,
  cosmology,
  describeCosmology,
  ensureCosmologyFunctions,
  lookbackTime,
  SQL_DISTANCE_ERROR,
  SQL_LOOKBACK_ERROR,
  storeCosmology,
} from '../../src/voids/index.ts'
import { type ScratchDatabase, scratchDatabase } from '../postgres/scratch.ts'
import { needs } from '../require.ts'

const models: CosmologyParameters[] = [
  { omegaM: 0.26 },
  { omegaM: 0.3, omegaDE: 0.5, h: 0.7, lengthUnit: 'Mpc' },
  { omegaM: 0.3, omegaDE: 0.9, w: -0.8, h: 0.7, lengthUnit: 'Mpc' },
  { omegaM: 0.315, h: 0.674, tcmb: 2.7255, neff: 3.046, lengthUnit: 'Mpc' },
]

let database: ScratchDatabase
let client: Client
beforeAll(async () => {
  database = await scratchDatabase()
  client = database.client
  await ensureCosmologyFunctions(client)
  for (const model of models) await storeCosmology(client, cosmology(model))
})
afterAll(() => database.drop())

/** Redshifts at nodes, beside them, between them, and at both ends. */
const redshifts = [0, 1e-9, 0.001, 1 / 512, 1.5 / 512, 0.05, 0.1026, 0.3333, 1, 2.7, 6.4, 9.9999, 10]

async function column(name: string, model: CosmologyParameters): Promise<number[]> {
  const { rows } = await client.query<{ value: number }>(
    `SELECT almagest.${name}(z, $2) AS value FROM unnest($1::float8[]) WITH ORDINALITY AS u(z, i) ORDER BY i`,
    [redshifts, describeCosmology(cosmology(model))],
  )
  return rows.map(({ value }) => value)
}

test.each(models)('the stated bounds hold against quadrature, densely: %o', async (parameters) => {
  const model = cosmology(parameters)
  const { rows } = await client.query<{ z: number; comoving: number; lookback: number }>(
    `SELECT z, almagest.comoving_distance(z, $1) AS comoving, almagest.lookback_time(z, $1) AS lookback
     FROM (SELECT 10 * power(i / 2999.0::float8, 2) AS z FROM generate_series(0, 2999) i) s`,
    [describeCosmology(model)],
  )
  // Rounding of doubles comes on top: a few in the last place of distances up to 10,000.
  const worst = (errors: number[]) => Math.max(...errors)
  const distances = rows.map(({ z, comoving }) => Math.abs(comoving - comovingDistance(model, z)))
  expect(worst(distances)).toBeLessThan(SQL_DISTANCE_ERROR + 1e-11)
  const times = rows.map(({ z, lookback }) => Math.abs(lookback - lookbackTime(model, z)))
  expect(worst(times)).toBeLessThan(SQL_LOOKBACK_ERROR + 1e-13)
})

needs('astropy')('as astropy has them', () => {
  test.each(models)('%o', async (parameters) => {
    const model = cosmology(parameters)
    const script = `
import json, sys
from astropy import units
from astropy.cosmology import wCDM
import numpy as np
m = json.loads(sys.argv[1])
c = wCDM(H0=m["H0"], Om0=m["omegaM"], Ode0=m["omegaDE"], w0=m["w"], Tcmb0=m["tcmb"], Neff=m["neff"], m_nu=units.Quantity([0, 0, 0], units.eV))
z = np.array(m["z"])
print(json.dumps([list(map(float, getattr(c, f)(z).value)) for f in
  ["comoving_distance", "comoving_transverse_distance", "luminosity_distance", "angular_diameter_distance", "lookback_time"]]))`
    const { omegaM, omegaDE, w, h, tcmb, neff, lengthUnit } = model
    const given = { omegaM, omegaDE, w, tcmb, neff, H0: lengthUnit === 'Mpc/h' ? 100 : 100 * h, z: redshifts }
    const told = execFileSync('/usr/bin/python3', ['-W', 'ignore', '-c', script, JSON.stringify(given)])
    const expected = JSON.parse(told.toString()) as number[][]
    const names = ['comoving_distance', 'transverse_comoving_distance', 'luminosity_distance']
    for (const [i, name] of [...names, 'angular_diameter_distance', 'lookback_time'].entries()) {
      const found = await column(name, parameters)
      found.forEach((value, at) => {
        const right = expected[i]![at]!
        // The bound of the table, times 1 + z in the luminosity distance, and 1e-9 of the value.
        if (!(Math.abs(value - right) <= 1e-9 * right + 2e-7)) {
          expect.fail(`${name}(${redshifts[at]}) is ${value}, not ${right}`)
        }
      })
    }
  })
})

test('odd redshifts and names: NULL, or refused with what to do', async () => {
  const name = describeCosmology(cosmology(models[0]!))
  const ask = async (z: string, of = name) =>
    (await client.query(`SELECT almagest.comoving_distance(${z}, $1) AS d`, [of])).rows[0]!.d
  expect(await ask('-0.001')).toBeNull()
  expect(await ask("'NaN'::float8")).toBeNull()
  expect(await ask('NULL')).toBeNull()
  await expect(ask('10.5')).rejects.toThrow('redshift 10.5 is beyond the table, which ends at 10')
  await expect(ask('0.1', 'flat')).rejects.toMatchObject({
    message: 'no cosmology is called "flat"',
    hint: expect.stringContaining('almagest.cosmology lists them'),
  })
})

test('storing one again changes nothing', async () => {
  const count = async () =>
    (await client.query('SELECT count(*)::int AS n FROM almagest.cosmology_node')).rows
  const before = await count()
  expect(await storeCosmology(client, cosmology(models[0]!))).toBe('flat, omegaM 0.26, h 1, Mpc/h')
  expect(await count()).toEqual(before)
})

// What readers may rely on: the galaxies in the shape of each version of FastSpecFit's files, as views.
import type { ReadSchema, ReadView } from '../../src/model/index.ts'
import { fastspecfit } from './fastspecfit.ts'

/** FastSpecFit's column names for the catalogue's own, in the HDUs of version 2.1. */
const metadata = [
  'targetid',
  'ra',
  'dec',
  'z',
  'survey',
  'program',
  'healpix',
  'spectype',
  'zwarn',
  'deltachi2',
]
const fits = ['logmstar', 'sfr', 'vdisp', 'age', 'dn4000']

/** Version 2.1 gives errors of these only; the others came with version 3.0. */
const oldErrors = ['vdisp_error', 'dn4000_error']
const newErrors = ['logmstar_error', 'sfr_error', 'age_error', 'tauv_error']

/**
 * Version 2.1 measured the attenuation at 5500 Angstrom in magnitudes, version 3.0 the optical depth there; both of a
 * power law with the index -0.7 (`klambda` and `build_stellar_continuum` of FastSpecFit). A flux that falls by
 * exp(-tau) loses 2.5 log10(e) tau magnitudes.
 */
const tauv = {
  sql: 'coalesce(tauv, (av / (2.5 * log(exp(1.0::double precision))))::real)',
  description:
    'Optical depth of dust in the V band; of a target from a file of version 2.1 it is A_V / (2.5 log10(e)).',
  ucd: 'phys.absorption.opticalDepth;em.opt.V',
}

const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]))

function view(title: string, columns: ReadView['columns']): ReadView {
  return { title, from: fastspecfit, columns }
}

const version21 = { ...named(fits), av: 'av', ...named(oldErrors) }
const version30 = { ...named(fits), tauv, ...named([...oldErrors, ...newErrors]) }
const targets = view('Targets of DESI DR1: the HDU METADATA of FastSpecFit', named(metadata))

export const published: readonly ReadSchema[] = [
  {
    name: 'desi_v1',
    title: 'galaxies as FastSpecFit 2.1 gives them: measurements in FASTSPEC, dust as the attenuation AV',
    readers: [],
    views: {
      metadata: targets,
      fastspec: view('What the spectra gave: FastSpecFit 2.1', { targetid: 'targetid', ...version21 }),
      fastspecfit: view('Targets with what their spectra gave: FastSpecFit 2.1', {
        ...named(metadata),
        ...version21,
      }),
    },
    deprecated: { since: '2026-11-25', use: 'desi_v2' },
  },
  {
    name: 'desi_v2',
    title: 'galaxies as FastSpecFit 3.0 gives them: measurements in SPECPHOT, dust as the optical depth TAUV',
    readers: [],
    views: {
      metadata: targets,
      specphot: view('What spectra and photometry gave: FastSpecFit 3.0', {
        targetid: 'targetid',
        ...version30,
      }),
      fastspecfit: view('Targets with what was measured: FastSpecFit 3.0', {
        ...named(metadata),
        ...version30,
      }),
    },
  },
]

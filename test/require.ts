// What a test may need that a stranger's machine lacks; absent, the tests say so in a line, and in CI they fail.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, test } from 'vitest'
import { debianPgauditBin, debianPgsphereScript, debianQ3cBin } from './postgres/debian.ts'

/** Folder with the reference data, beside the checkout (or where `ALMAGEST_SHARED` says). */
export const sharedFolder =
  process.env.ALMAGEST_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url))

/** Folder with the real SDSS DR7 void catalogues and their truth. */
export const sdssFolder = `${sharedFolder}/data/vast-sdss-dr7`

/** Debian's browser. */
export const chromiumPath = '/usr/bin/chromium'

const present = {
  'debian-pgsphere': {
    has: () => debianPgsphereScript !== undefined,
    what: "Debian's PostgreSQL with pgSphere (postgresql-15-pgsphere or -17-pgsphere)",
  },
  'debian-pgaudit': {
    has: () => debianPgauditBin !== undefined,
    what: "Debian's PostgreSQL with pgAudit (postgresql-15-pgaudit or -17-pgaudit)",
  },
  shared: { has: () => existsSync(`${sdssFolder}/SHA256SUMS`), what: 'the reference data folder ../shared' },
  'debian-q3c': {
    has: () => debianQ3cBin !== undefined,
    what: "Debian's PostgreSQL with the Q3C extension (postgresql-15-q3c or -17-q3c)",
  },
  'astropy-healpix': {
    has: () => hasPython('astropy_healpix'),
    what: "Debian's python3-astropy-healpix",
  },
  astropy: { has: () => hasPython('astropy.io.fits'), what: "Debian's python3-astropy" },
  chromium: { has: () => existsSync(chromiumPath), what: "Debian's chromium" },
  'small-disk': { has: mayMount, what: 'the right to mount a small file system (root, on Linux)' },
}

function hasPython(module: string): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}

/**
 * `describe` for a suite that needs a component: without it the suite is skipped with one line that says
 * what is missing; with `CI` set the missing component is a failure instead.
 */
export function needs(component: keyof typeof present): (name: string, suite: () => void) => void {
  const { has, what } = present[component]
  if (has()) return (name, suite) => void describe(name, suite)
  if (process.env.CI) {
    return (name) =>
      void test(name, () => Promise.reject(new Error(`${what} is missing, and CI must have it`)))
  }
  return (name) => {
    console.log(`not run: "${name}" needs ${what}`)
    describe.skip(`${name} (needs ${what})`, () => void test('not run', () => {}))
  }
}

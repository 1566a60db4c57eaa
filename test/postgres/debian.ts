// Where Debian's PostgreSQL with Q3C and pgSphere lies on this machine.
import { existsSync, readdirSync } from 'node:fs'

/** Debian's PostgreSQL binaries whose share folder holds the Q3C C extension, or undefined. */
export const debianQ3cBin: string | undefined = (() => {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root) : []
  const found = versions.find((version) =>
    existsSync(`/usr/share/postgresql/${version}/extension/q3c.control`),
  )
  return found && `${root}/${found}/bin`
})()

/** The same binaries when that server has pgAudit, or undefined. */
export const debianPgauditBin: string | undefined =
  debianQ3cBin &&
  existsSync(
    `${debianQ3cBin.replace('/usr/lib/', '/usr/share/').replace(/bin$/, 'extension')}/pgaudit.control`,
  )
    ? debianQ3cBin
    : undefined

/** The script of pgSphere's extension for the same server, or undefined. */
export const debianPgsphereScript: string | undefined = (() => {
  const folder = debianQ3cBin?.replace('/usr/lib/', '/usr/share/').replace(/bin$/, 'extension')
  const names = folder && existsSync(folder) ? readdirSync(folder) : []
  const script = names.find((name) => /^pg_sphere--[\d.]+\.sql$/.test(name))
  return script && `${folder}/${script}`
})()

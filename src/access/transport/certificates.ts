// Certificates for the server: an authority of the laboratory's own, what it signs, and whether files given are any good.
import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AlmagestError } from '../../model/index.ts'

/** Names of the four files in a folder of certificates. */
export const certificateFiles = {
  authority: 'authority.crt',
  authorityKey: 'authority.key',
  server: 'server.crt',
  serverKey: 'server.key',
} as const

export interface Certificates {
  readonly folder: string
  /** Names and addresses that the server's certificate is good for. */
  readonly hosts: readonly string[]
  readonly validUntil: string
  readonly authorityValidUntil: string
}

/** RSA with 3072 bits: 128 bits of security until 2030 and beyond (NIST SP 800-57 part 1, table 2). */
const modulusLength = 3072
const authorityDays = 3650
const day = 86_400_000

/** By these the administrator and the tests of the server's own machine reach it. */
const loopback = ['localhost', '127.0.0.1', '::1']

/**
 * Makes an authority in the folder, unless one is there, and a certificate for the server that it signs. Keys are
 * readable by their owner alone.
 * @param hosts  names and IP addresses under which clients reach the server
 * @param days   from today
 * @throws AlmagestError `ACCESS_CERTIFICATE_EXPIRED` for the authority's, `ACCESS_KEY_MISSING` for its key
 */
export async function issueCertificates(
  folder: string,
  hosts: readonly string[],
  days: number,
  now = new Date(),
): Promise<Certificates> {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const names = [...new Set([...hosts, ...loopback])]
  const authority = await authorityOf(folder, now)
  const { publicKey, privateKey } = await newKeys()
  const until = new Date(now.getTime() + days * day)
  const certificate = await sign({
    subject: hosts[0] ?? 'localhost',
    publicKey,
    issuer: authority.certificate.subject.replace(/^CN=/, ''),
    signer: authority.key,
    from: now,
    until,
    names,
  })
  write(folder, certificateFiles.serverKey, privateKey, 0o600)
  write(folder, certificateFiles.server, certificate, 0o644)
  return checkCertificates(folder, now)
}

/**
 * Whether the folder's certificates can serve: all there, valid today, the server's signed by the authority and
 * belonging to its key.
 * @throws AlmagestError `ACCESS_CERTIFICATE_MISSING`, `ACCESS_KEY_MISSING`, `ACCESS_CERTIFICATE_INVALID`,
 *   `ACCESS_CERTIFICATE_EXPIRED`, `ACCESS_CERTIFICATE_MISMATCH`
 */
export function checkCertificates(folder: string, now = new Date()): Certificates {
  const authority = readCertificate(folder, certificateFiles.authority, now)
  const server = readCertificate(folder, certificateFiles.server, now)
  const key = readKey(folder, certificateFiles.serverKey)
  const mismatch = (message: string) =>
    new AlmagestError(
      'ACCESS_CERTIFICATE_MISMATCH',
      'environment',
      message,
      'Issue a new one with `almagest access certificates`, or give files that belong together.',
      { file: join(folder, certificateFiles.server) },
    )
  if (!server.verify(authority.publicKey))
    throw mismatch(`${certificateFiles.server} is not signed by ${certificateFiles.authority}`)
  if (!server.checkPrivateKey(key))
    throw mismatch(`${certificateFiles.serverKey} is not the key of ${certificateFiles.server}`)
  return {
    folder,
    hosts: (server.subjectAltName ?? '').split(', ').map((each) => each.replace(/^(DNS|IP Address):/, '')),
    validUntil: new Date(server.validTo).toISOString(),
    authorityValidUntil: new Date(authority.validTo).toISOString(),
  }
}

async function authorityOf(folder: string, now: Date) {
  if (!existsSync(join(folder, certificateFiles.authority))) {
    const { publicKey, privateKey } = await newKeys()
    const name = `Almagest authority ${randomBytes(4).toString('hex')}`
    const until = new Date(now.getTime() + authorityDays * day)
    const certificate = await sign({
      subject: name,
      publicKey,
      issuer: name,
      signer: privateKey,
      from: now,
      until,
    })
    write(folder, certificateFiles.authorityKey, privateKey, 0o600)
    write(folder, certificateFiles.authority, certificate, 0o644)
  }
  return {
    certificate: readCertificate(folder, certificateFiles.authority, now),
    key: readFile(folder, certificateFiles.authorityKey, 'ACCESS_KEY_MISSING'),
  }
}

interface ToSign {
  readonly subject: string
  readonly publicKey: string
  readonly issuer: string
  /** PEM of the issuer's private key. */
  readonly signer: string
  readonly from: Date
  readonly until: Date
  /** Of a server; an authority has none. */
  readonly names?: readonly string[]
}

/** An X.509 v3 certificate (RFC 5280) as PEM. */
async function sign({ subject, publicKey, issuer, signer, from, until, names }: ToSign): Promise<string> {
  const { default: forge } = await import('node-forge')
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  // Positive, as RFC 5280, section 4.1.2.2 wants it.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  // A clock that is a little slow must not find the certificate unborn.
  certificate.validity.notBefore = new Date(from.getTime() - day / 24)
  certificate.validity.notAfter = until
  certificate.setSubject([{ name: 'commonName', value: subject }])
  certificate.setIssuer([{ name: 'commonName', value: issuer }])
  certificate.setExtensions(
    names
      ? [
          { name: 'basicConstraints', cA: false, critical: true },
          { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
          { name: 'extKeyUsage', serverAuth: true },
          {
            name: 'subjectAltName',
            altNames: names.map((each) => (isIP(each) ? { type: 7, ip: each } : { type: 2, value: each })),
          },
        ]
      : [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ],
  )
  certificate.sign(forge.pki.privateKeyFromPem(signer), forge.md.sha256.create())
  return forge.pki.certificateToPem(certificate)
}

async function newKeys(): Promise<{ publicKey: string; privateKey: string }> {
  return await promisify(generateKeyPair)('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })
}

function readCertificate(folder: string, name: string, now: Date): X509Certificate {
  const text = readFile(folder, name, 'ACCESS_CERTIFICATE_MISSING')
  const file = join(folder, name)
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(text)
  } catch {
    throw invalid(file, 'is no certificate in PEM form')
  }
  const [from, until] = [new Date(certificate.validFrom), new Date(certificate.validTo)]
  if (now >= from && now <= until) return certificate
  throw new AlmagestError(
    'ACCESS_CERTIFICATE_EXPIRED',
    'environment',
    `${file} is valid from ${from.toISOString()} until ${until.toISOString()}, and now it is ${now.toISOString()}`,
    name === certificateFiles.authority
      ? 'Make a new authority in another folder, hand its certificate out to everybody who connects, and issue from it.'
      : 'Issue a new one with `almagest access certificates`; clients need nothing new.',
    { file, value: until.toISOString() },
  )
}

function readKey(folder: string, name: string): KeyObject {
  const text = readFile(folder, name, 'ACCESS_KEY_MISSING')
  try {
    return createPrivateKey(text)
  } catch {
    throw invalid(join(folder, name), 'is no private key in PEM form without a passphrase')
  }
}

function readFile(folder: string, name: string, code: string): string {
  const file = join(folder, name)
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is missing' : 'cannot be read'
    throw new AlmagestError(
      code,
      'environment',
      `${file} ${why}`,
      'Make it with `almagest access certificates --out FOLDER`, or put your own there under that name.',
      { file },
      { cause: error },
    )
  }
}

function invalid(file: string, what: string): AlmagestError {
  return new AlmagestError(
    'ACCESS_CERTIFICATE_INVALID',
    'environment',
    `${file} ${what}`,
    'Convert it with openssl, or issue one with `almagest access certificates`.',
    { file },
  )
}

function write(folder: string, name: string, text: string, mode: number): void {
  const file = join(folder, name)
  // The mode of a file that is there already would stay as it is.
  rmSync(file, { force: true })
  writeFileSync(file, text, { mode })
}

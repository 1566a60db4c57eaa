// `almagest access network` and `certificates`: how people connect, and what the server proves itself with.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  certificateFiles,
  connectionRules,
  installTransport,
  issueCertificates,
  type Lab,
  networkOf,
  rulesFile,
  transportDifferences,
  transportSettings,
  whereAndWho,
} from '../../access/index.ts'
import { exitCodes } from '../../model/index.ts'
import type { Difference } from '../../postgres/index.ts'
import { type CommonOptions, openArchiveFor, print, progressOf } from '../context.ts'
import { differenceLine } from './drift.ts'

interface NetworkOptions extends CommonOptions {
  certificates?: string
  out?: string
}

export async function network(lab: Lab, options: NetworkOptions): Promise<void> {
  const addresses = networkOf(lab)
  await using archive = await openArchiveFor(options, progressOf(options))
  const { client, server } = archive
  if (options.out !== undefined) {
    const rules = connectionRules(lab, addresses, ...(await whereAndWho(client)))
    const files = { 'pg_hba.conf': rulesFile(rules), 'almagest-tls.conf': settingsText(transportSettings) }
    mkdirSync(options.out, { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(options.out, name), text)
    const written = Object.keys(files).map((name) => join(options.out!, name))
    return print({ value: { written, rules }, text: `wrote ${written.join(' and ')}` }, options)
  }
  if (options.certificates !== undefined) {
    const changes = await installTransport(client, server.connectionUrl, lab, options.certificates)
    const done =
      changes.length === 0
        ? 'connections were as declared already; certificates are in place'
        : `${changes.length} changes made`
    return print({ value: changes, text: [...changes.map(changeLine), done].join('\n') }, options)
  }
  const found = await transportDifferences(client, lab)
  const text =
    found.map(differenceLine).join('\n') || 'connections are as declared: TLS and SCRAM, nobody else'
  print({ value: found, text }, options)
  if (found.length > 0) process.exitCode = exitCodes.check
}

const changeLine = ({ object, desired, found }: Difference) =>
  `  ${object}: ${desired ?? 'gone'}${found === undefined ? '' : `, was ${found}`}`

const settingsText = (settings: Readonly<Record<string, string>>) =>
  `${Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'`)
    .join('\n')}\n`

export async function certificates(options: {
  out: string
  host: string[]
  days: number
  json?: boolean
}): Promise<void> {
  const made = await issueCertificates(options.out, options.host, options.days)
  const { authority, server, serverKey } = certificateFiles
  const text = [
    `${join(options.out, server)} and ${serverKey}: for ${made.hosts.join(', ')}, until ${made.validUntil.slice(0, 10)}`,
    `${join(options.out, authority)}: for everybody who connects, until ${made.authorityValidUntil.slice(0, 10)}`,
  ].join('\n')
  print({ value: made, text }, options)
}

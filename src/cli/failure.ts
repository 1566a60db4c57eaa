// How a failure is told: what, where, what to do, and the exit code; never a stack trace.
import { CommanderError } from 'commander'
import { FitsError, fitsErrors } from '../fits/index.ts'
import { AlmagestError, exitCodes } from '../model/index.ts'
import { sqlState, translateServerError } from '../postgres/index.ts'
import { toJson } from './report.ts'

/** Prints a failure on standard error and returns the exit code. */
export function tell(failure: unknown, json: boolean): number {
  if (failure instanceof CommanderError) return failure.exitCode === 0 ? 0 : exitCodes.usage
  const error = asAlmagestError(failure)
  if (process.env.ALMAGEST_DEBUG)
    process.stderr.write(`${(error.cause as Error | undefined)?.stack ?? error.stack}\n`)
  process.stderr.write(json ? `${toJson({ error: plain(error) })}\n` : text(error))
  return exitCodes[error.kind]
}

/** Any failure as the one error type: FITS faults, file system and server errors, and defects of ours. */
export function asAlmagestError(failure: unknown): AlmagestError {
  if (failure instanceof AlmagestError) return failure
  if (failure instanceof FitsError) {
    const { code, message, hint, place } = failure
    return new AlmagestError(code, fitsErrors[code].kind, message, hint, place, { cause: failure })
  }
  const translated = fileSystemError(failure) ?? translateServerError(failure)
  // Neither a file nor a server: what remains is a fault of the program's own.
  return translated.code === 'SERVER_ERROR' && sqlState(failure) === undefined ? defect(failure) : translated
}

function defect(failure: unknown): AlmagestError {
  return new AlmagestError(
    'DEFECT',
    'defect',
    failure instanceof Error ? failure.message : String(failure),
    'This is a defect of Almagest: set ALMAGEST_DEBUG=1 for the stack and report it.',
    {},
    { cause: failure },
  )
}

const fileSystemFaults: Record<string, readonly [problem: string, hint: string]> = {
  ENOSPC: ['the disk is full', 'Free some space or choose another folder, then run the command again.'],
  EACCES: ['permission denied', 'Choose a folder you may write to, or change its permissions.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  ENOTDIR: ['a part of the path is not a folder', 'Check the path.'],
}

function fileSystemError(failure: unknown): AlmagestError | undefined {
  const { code, path, syscall } = (failure ?? {}) as NodeJS.ErrnoException
  const fault = code && syscall !== 'connect' ? fileSystemFaults[code] : undefined
  if (!fault) return undefined
  const [problem, hint] = fault
  return new AlmagestError(
    `FILE_${code}`,
    'environment',
    `${path ?? syscall}: ${problem}`,
    hint,
    path ? { file: path } : {},
    {
      cause: failure,
    },
  )
}

function plain({ code, kind, message, hint, place }: AlmagestError) {
  return { code, kind, message, hint, ...place, exitCode: exitCodes[kind] }
}

function text({ code, message, hint, place }: AlmagestError): string {
  const where = Object.entries(place)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
  return [
    `error: ${message}`,
    ...(where.length ? [`  where: ${where.join(', ')}`] : []),
    `  hint:  ${hint}`,
    `  code:  ${code} (docs/errors.md)`,
    '',
  ].join('\n')
}

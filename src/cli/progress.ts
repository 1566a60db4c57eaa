// Progress: bars on a terminal, plain lines elsewhere; always on standard error, so that results stay clean.
import { Presets, SingleBar } from 'cli-progress'

export interface Progress {
  /** A finished or starting step, as a line. */
  say(line: string): void
  /** How far a step is, and what it is at now; another step's name starts a new bar. */
  step(name: string, done: number, total: number, detail?: string): void
  /** Ends the bar under way. */
  end(): void
}

/** Plain lines tell at most this often how far a step is. */
const linesEveryMs = 5000

export function openProgress(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (quiet) return { say() {}, step() {}, end() {} }
  return stream.isTTY ? bars(stream) : lines(stream)
}

function bars(stream: NodeJS.WriteStream): Progress {
  let bar: SingleBar | undefined
  let current = ''
  const end = () => {
    bar?.stop()
    bar = undefined
    current = ''
  }
  return {
    say(line) {
      end()
      stream.write(`${line}\n`)
    },
    step(name, done, total, detail = '') {
      if (name !== current) {
        end()
        current = name
        bar = new SingleBar(
          { stream, format: '{name} {bar} {percentage} %  {detail}', barsize: 30, hideCursor: true },
          Presets.shades_classic,
        )
        bar.start(total, 0, { name: name.padEnd(20), detail })
      }
      bar?.setTotal(total)
      bar?.update(done, { detail })
    },
    end,
  }
}

function lines(stream: NodeJS.WriteStream): Progress {
  let last = 0
  return {
    say(line) {
      stream.write(`${line}\n`)
    },
    step(name, done, total, detail = '') {
      const now = Date.now()
      if (now - last < linesEveryMs || total === 0) return
      last = now
      stream.write(`${name}: ${Math.floor((100 * done) / total)} % ${detail}\n`)
    },
    end() {},
  }
}

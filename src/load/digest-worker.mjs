// Reads a file once, front to back, and answers its SHA-256 and those of single columns of its tables; plain
// JavaScript, so that a worker thread can run it as it is.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

// A thread of its own may wait for the disk. One buffer used again costs less than a stream's many, and one of
// this size stays in the processor's cache between the read and the hash.
const buffer = Buffer.allocUnsafeSlow(256 << 10)

parentPort.on('message', ({ path, columns }) => {
  try {
    parentPort.postMessage({ digest: digest(path, columns) })
  } catch (error) {
    parentPort.postMessage({ error })
  }
})

function digest(path, columns) {
  const hash = createHash('sha256')
  const pickers = columns.map(picker)
  const file = openSync(path, 'r')
  try {
    for (let from = 0, bytes = 1; bytes > 0; from += bytes) {
      bytes = readSync(file, buffer)
      hash.update(buffer.subarray(0, bytes))
      for (const pick of pickers) pick.bytes(from, from + bytes)
    }
    return { sha256: hash.digest('hex'), columns: pickers.map(({ end }) => end()) }
  } finally {
    closeSync(file)
  }
}

/** Hashes the bytes of one column; rows and values may be cut by the ends of the buffer. */
function picker({ start, width, stride, count }) {
  const hash = createHash('sha256')
  const picked = Buffer.allocUnsafeSlow(64 << 10)
  let filled = 0
  const flush = () => {
    hash.update(picked.subarray(0, filled))
    filled = 0
  }
  const bytes = (from, to) => {
    const first = Math.max(0, Math.floor((from - start) / stride))
    for (let row = first; row < count; row++) {
      const value = start + row * stride
      if (value >= to) return
      const end = Math.min(value + width, to)
      for (let at = Math.max(value, from); at < end; at++) {
        if (filled === picked.length) flush()
        picked[filled++] = buffer[at - from]
      }
    }
  }
  const end = () => {
    flush()
    return hash.digest('hex')
  }
  return { bytes, end }
}

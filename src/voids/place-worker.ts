// The work of a placing thread: told once what to map, it answers batch after batch, and its totals at the end.
import { parentPort, workerData } from 'node:worker_threads'
import { finderNamed, loadFinders } from './finders.ts'
import { batchPlacer } from './place-batch.ts'
import type { Answer, Question } from './place-threads.ts'
import { received, type SentToPlace } from './sent-releases.ts'

const port = parentPort!
const finders = await loadFinders()
const toPlace = received(workerData as SentToPlace)
const placer = batchPlacer(toPlace, finders, (source) => finderNamed(source, finders))

port.on('message', (question: Question) => {
  try {
    if (question === 'totals') return send({ totals: placer.totals() })
    const placed = placer.place(question)
    send({ placed }, buffersOf(placed))
  } catch (error) {
    send({ error })
  }
})

function send(answer: Answer, moved: readonly ArrayBuffer[] = []): void {
  port.postMessage(answer, [...moved])
}

/** The memory behind all columns, each once: it is handed over rather than copied. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer)
  else if (value instanceof Map) for (const each of value.values()) buffersOf(each, found)
  else if (typeof value === 'object' && value) for (const each of Object.values(value)) buffersOf(each, found)
  return [...found]
}

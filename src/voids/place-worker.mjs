// A thread that places batches of galaxies. Plain JavaScript that can read TypeScript once it has registered how.
import { register } from 'tsx/esm/api'

register()
await import('./place-worker.ts')

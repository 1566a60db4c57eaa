// The long form of the migration proofs: 1,000 random pairs of definitions, 50 kills. `npm run nightly:migrations`
import { spawnSync } from 'node:child_process'

const { status } = spawnSync(
  'npx',
  ['--no-install', 'vitest', 'run', 'test/postgres/plan.test.ts', 'test/postgres/migrate-kill.test.ts'],
  { stdio: 'inherit', env: { ALMAGEST_PAIRS: '1000', ALMAGEST_KILLS: '50', ...process.env } },
)
process.exit(status ?? 1)

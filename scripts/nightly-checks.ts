// No false alarms, the long form: 200 random clean mocks, loaded, mapped and checked. `npm run nightly:checks`
import { spawnSync } from 'node:child_process'

const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', 'test/quality/clean-mocks.test.ts'], {
  stdio: 'inherit',
  env: { ALMAGEST_MOCKS: '200', ...process.env },
})
process.exit(status ?? 1)

#!/usr/bin/env node
// The command runs the TypeScript sources as they are: there is no build step that could be out of date.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../src/cli/main.ts')
process.exitCode = await main(process.argv.slice(2))

import { rm } from 'node:fs/promises'
import { build } from 'rolldown'

/**
 * The build: what starts is a file or a few, because most of a start was the reading of a thousand others
 * (docs/decisions/0013). Whether the types are right is asked of tsc, by `npm run types`.
 */
const bundle = (folder, input, output = {}) => ({
  input,
  platform: 'node',
  // The worker answers this one itself, to whoever requires it.
  external: ['@azure/functions-core'],
  // A library of the tenant's sign-in names its functions so; nothing from outside gets there.
  checks: { eval: false },
  output: { dir: `dist/${folder}`, format: 'esm', ...output },
})

const PRODUCT = [
  bundle('app', { index: 'functions/index.ts' }),
  // One file: what is shared with a part that is loaded later would be loaded before the host has replaced the clock.
  bundle('host', { index: 'local/host/main.ts' }, { codeSplitting: false }),
  bundle('tenant', { index: 'local/tenant/main.ts' }),
  bundle('local', {
    start: 'local/start.ts',
    'start-services': 'local/start-services.ts',
    'start-func': 'local/start-func.ts',
    demo: 'local/demo/main.ts',
    policy: 'local/policy/main.ts',
    rebuild: 'local/rebuild.ts',
    mails: 'local/mails/main.ts',
    journeys: 'local/journeys.ts',
    // Processes of their own in tests.
    'free-port': 'local/free-port.ts',
    'spawn-tenant': 'local/tenant/spawn.ts',
  }),
]
const BENCH = [
  bundle('bench', {
    main: 'bench/main.ts',
    'heap-probe': 'bench/heap-probe.ts',
    'cpu-probe': 'bench/cpu-probe.ts',
  }),
]

const bundles = process.argv[2] === 'bench' ? BENCH : PRODUCT
await Promise.all(bundles.map(({ output }) => rm(output.dir, { recursive: true, force: true })))
await build(bundles)

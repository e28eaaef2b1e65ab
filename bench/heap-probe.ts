import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Loaded into a host with --import: at SIGUSR2 it collects its garbage and says how much is left. */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
process.on('SIGUSR2', () => {
  collect()
  collect()
  console.error(`heap-probe ${JSON.stringify(process.memoryUsage())}`)
})

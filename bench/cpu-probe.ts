import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

/** Loaded into a host with --import: when the process ends, its CPU profile is in the file that BENCH_PROFILE names. */
const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.setSamplingInterval', { interval: 500 })
session.post('Profiler.start')
process.on('exit', () => {
  session.post('Profiler.stop', (error, stopped) => {
    if (!error) writeFileSync(process.env.BENCH_PROFILE as string, JSON.stringify(stopped.profile))
  })
})

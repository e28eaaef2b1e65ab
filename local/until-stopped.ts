/**
 * Calls `stop` once, when somebody asks (Ctrl-C, a signal) or when the process that started this one is gone: `npm start`
 * that was killed leaves nothing behind that holds ports.
 */
export function whenStopped(stop: () => Promise<void>): void {
  const startedBy = process.ppid
  let stopping = false
  const once = async () => {
    if (stopping) return
    stopping = true
    await stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, once)
  setInterval(() => process.ppid !== startedBy && once(), 500)
}

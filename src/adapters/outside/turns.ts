/** At most so many at a time; the others wait for their turn, and whoever has given up by then has none. */
export function turns(most: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    while (running >= most) await new Promise<void>((wake) => waiting.push(wake))
    running++
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
}

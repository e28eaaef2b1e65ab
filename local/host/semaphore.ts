/** At most so many at a time; the others wait in order. */
export function createSemaphore(limit: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(run: () => Promise<T>): Promise<T> => {
    if (running < limit) running++
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await run()
    } finally {
      // The place is handed over, so that nobody slips in between.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

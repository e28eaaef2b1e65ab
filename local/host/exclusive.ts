/** Work on one id happens one after the other; on different ids at the same time. */
export function createExclusive() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(id: string, run: () => Promise<T>): Promise<T> => {
    const before = last.get(id) ?? Promise.resolve()
    const mine = before.then(run, run)
    const settled = mine.catch(() => undefined)
    last.set(id, settled)
    void settled.then(() => {
      if (last.get(id) === settled) last.delete(id)
    })
    return mine
  }
}

export type Clock = { offset(): number; setOffset(ms: number): void }

/**
 * Makes the whole process tell machine time + offset, libraries included, by standing in front of the global Date.
 * Timers are not touched: they still measure machine time.
 */
export function installClock(): Clock {
  const Machine = globalThis.Date
  let offset = 0
  const now = () => Machine.now() + offset
  globalThis.Date = new Proxy(Machine, {
    construct: (target, args, self) => Reflect.construct(target, args.length ? args : [now()], self),
    apply: () => new Machine(now()).toString(),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
  return {
    offset: () => offset,
    setOffset(ms) {
      offset = ms
    },
  }
}

import type { Ports } from '../../src/ports.ts'

/** Ports whose calls each take some turns of the event loop, before and after: so that the steps of several interleave. */
export function faltering(ports: Ports, delays: readonly number[]): Ports {
  let calls = 0
  const pause = async () => {
    for (let turn = delays[calls++ % delays.length] ?? 0; turn > 0; turn--) await Promise.resolve()
  }
  const slow = <T extends object>(room: T): T =>
    new Proxy(room, {
      get(target, key) {
        const method = Reflect.get(target, key)
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          await pause()
          const result = await method.apply(target, args)
          await pause()
          return result
        }
      },
    })
  return { ...ports, store: slow(ports.store), providers: { directory: slow(ports.providers.directory) } }
}

import type { Provider } from '../domain/role.ts'

/** So many have waited so long in vain: whoever gives these roles is away. */
const ENOUGH = 10
const LONG_MILLIS = 10_000

export type Away = {
  is(provider: Provider): boolean
  /** Does it, and notes how long it took to fail. */
  watching<T>(provider: Provider, look: () => Promise<T>): Promise<T>
}

/**
 * Who does not answer while one sweep lasts. When some have waited in vain the others of the same provider are not looked at: they would
 * keep those of all others waiting, until the host's patience with the whole sweep is over.
 */
export function awayNow(now: () => Date): Away {
  const inVain = new Map<Provider, number>()
  return {
    is: (provider) => (inVain.get(provider) ?? 0) >= ENOUGH,
    async watching(provider, look) {
      const begun = now().getTime()
      try {
        return await look()
      } catch (error) {
        if (now().getTime() - begun >= LONG_MILLIS) inVain.set(provider, (inVain.get(provider) ?? 0) + 1)
        throw error
      }
    },
  }
}

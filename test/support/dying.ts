import type { Ports, Providers, Workflows } from '../../src/ports.ts'

export class Died extends Error {
  override name = 'Died'
}

type Process = { ports: Ports; workflows: Workflows; died(): boolean; calls(): number }

const ROOMS = [
  'store',
  'settings',
  'views',
  'findings',
  'tallies',
  'digests',
  'bundles',
  'directory',
  'outbox',
  'mailer',
  'webhooks',
  'errands',
  'courier',
] as const

/**
 * Ports of a process that dies at its nth call: `before` anything is done, or `after`, when the work is done and the answer
 * never arrives. Whatever it calls from then on is not done either.
 */
export function dyingAt(ports: Ports, workflows: Workflows, nth: number, when: 'before' | 'after'): Process {
  let count = 0
  const mortal = <T extends object>(room: T): T =>
    new Proxy(room, {
      get(target, key) {
        const method = Reflect.get(target, key)
        if (typeof method !== 'function' || key === 'opensAt') return method // that asks nobody
        return async (...args: unknown[]) => {
          count++
          if (count > nth || (count === nth && when === 'before')) throw new Died(`died at call ${count}`)
          const result = await method.apply(target, args)
          if (count >= nth) throw new Died(`died at call ${count}`)
          return result
        }
      },
    })
  const providers = Object.fromEntries(
    Object.entries(ports.providers).map(([name, provider]) => [name, mortal(provider)]),
  )
  const rooms = Object.fromEntries(ROOMS.map((room) => [room, mortal(ports[room])]))
  return {
    ports: { ...ports, ...rooms, providers: providers as Providers },
    workflows: mortal(workflows),
    died: () => count >= nth,
    calls: () => count,
  }
}

import type { Provider } from './role.ts'

/** What a service takes: so many writes at once, and then so many a second. `forRemovals`: of those at once, kept for removals. */
export type Pace = { atOnce: number; aSecond: number; forRemovals: number }

/**
 * Microsoft Graph: 3,000 writes in 150 seconds for an app in a tenant, whatever it writes. Half of them at once and half over
 * time never make more, in whichever 150 seconds.
 */
const GRAPH: Pace = { atOnce: 1500, aSecond: 10, forRemovals: 500 }

/** Azure Resource Manager: 200 and then 10 a second for a subscription, of what is put and of what is deleted each. */
const AZURE: Pace = { atOnce: 200, aSecond: 10, forRemovals: 0 }

export const PACES: Record<Provider, Pace> = { directory: GRAPH, group: GRAPH, azure: AZURE }

/** How many still have what has ended, and when they will have been removed if nothing else is in the way. */
export type Backlog = { waiting: number; throughAt: string | null }

/** Directory and groups share Graph's limit; Azure has its own. Several subscriptions are through sooner. */
export function backlogOf(waiting: Record<Provider, number>, now: Date): Backlog {
  const seconds = Math.max((waiting.directory + waiting.group) / GRAPH.aSecond, waiting.azure / AZURE.aSecond)
  const all = waiting.directory + waiting.group + waiting.azure
  return {
    waiting: all,
    throughAt: all === 0 ? null : new Date(now.getTime() + Math.ceil(seconds) * 1000).toISOString(),
  }
}

import { vi } from 'vitest'
import { call } from '../../local/demo/caller.ts'
import type { LoggedCall } from '../../local/tenant/control/calls.ts'
import type { FaultSpec } from '../../local/tenant/control/faults.ts'
import type { Actor } from './actor.ts'
import type { World } from './world.ts'

type Kind = Pick<FaultSpec, 'kind' | 'ms' | 'times' | 'status'>

/** Bad luck, ordered: with the directory, the mail service, the host or its orchestrations. */
export function troubleIn(world: World) {
  const path = 'roleAssignments'
  return {
    whenGiving: (kind: Kind) =>
      world.tenant.fault({ match: { service: 'graph', method: 'POST', path }, ...kind }),
    whenTaking: (kind: Kind) =>
      world.tenant.fault({ match: { service: 'graph', method: 'DELETE', path }, ...kind }),
    /** Down until an instant, by the clock of all. */
    isDown: (service: 'graph' | 'mail', until: string) =>
      world.tenant.fault({ match: { service }, kind: 'status', times: 'forever', until }),

    /** Writes of assignments that have reached the directory, done or not: “POST 201”, “DELETE null”. */
    async writes(): Promise<string[]> {
      const { calls } = (await world.tenant.control('GET', '/calls?service=graph')) as { calls: LoggedCall[] }
      return calls
        .filter((each) => each.method !== 'GET' && each.path.includes(path))
        .map(({ method, status }) => `${method} ${status}`)
    },
    forgetCalls: () => world.tenant.control('DELETE', '/calls'),
    /** Caught in the act: the call has been made, and no answer has come. */
    underWay(method: 'POST' | 'DELETE'): Promise<void> {
      return vi.waitFor(
        async () => {
          if (!(await this.writes()).includes(`${method} null`)) throw new Error(`No ${method} is under way.`)
        },
        { timeout: 30_000, interval: 20 },
      )
    },

    async dies(): Promise<void> {
      await world.host.kill()
    },
    async comesBack(): Promise<void> {
      await world.tenant.clearFaults()
      await world.host.restart()
    },
    /** What stands in the directory for somebody's role. */
    async assignments(of: Actor, role: { id: string }): Promise<string[]> {
      const query = new URLSearchParams({ principal: of.short, role: role.id })
      const { assignments } = await world.tenant.control('GET', `/holds?${query}`)
      return assignments.map(({ id }: { id: string }) => id)
    },
    /** Through the host's own management API, as an operator would by mistake. */
    manage: async (method: 'POST' | 'DELETE', { id }: { id: string }, operation = ''): Promise<number> => {
      const path = `/runtime/webhooks/durabletask/instances/${id}${operation}`
      return (await call(world.url, 'nobody', method, path)).status
    },
  }
}

import type { LoggedCall } from '../../local/tenant/control/calls.ts'
import type { FaultSpec } from '../../local/tenant/control/faults.ts'
import type { Actor } from './actor.ts'
import type { World } from './world.ts'

type Kind = Pick<FaultSpec, 'kind' | 'ms' | 'times' | 'status'>

/** Bad luck, ordered: with the directory, the mail service or the host. */
export function troubleIn(world: World) {
  const path = 'roleAssignments'
  return {
    whenGiving: (kind: Kind) =>
      world.tenant.fault({ match: { service: 'graph', method: 'POST', path }, ...kind }),
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
  }
}

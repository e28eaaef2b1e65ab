import type { Directory, Ports } from '../ports.ts'

/**
 * The same ports for the length of one page: what is asked of the directory again is answered as before, so that a page of many
 * requests of few roles asks little more than a page of one. Not for deciding, which looks each time.
 */
export function askedOnce(ports: Ports): Ports {
  const { directory, delegations } = ports
  const asked = new Map<string, Promise<unknown>>()
  const once = <A extends unknown[], R>(name: string, ask: (...args: A) => Promise<R>) =>
    ((...args: A) => {
      const key = JSON.stringify([name, ...args])
      const answer = asked.get(key) ?? ask(...args)
      asked.set(key, answer)
      return answer as Promise<R>
    }) as (...args: A) => Promise<R>
  const current = once('delegations', () => delegations.current(ports.now(), 'fresh'))
  const remembered: Pick<Directory, 'person' | 'managerOf' | 'groupsOf' | 'membersOf' | 'holdersOf'> = {
    person: once('person', (id) => directory.person(id)),
    managerOf: once('manager', (id) => directory.managerOf(id)),
    groupsOf: once('groups', (id, groups) => directory.groupsOf(id, groups)),
    membersOf: once('members', (id, top) => directory.membersOf(id, top)),
    holdersOf: once('holders', (roles) => directory.holdersOf(roles)),
  }
  return {
    ...ports,
    directory: { ...directory, ...remembered },
    delegations: { ...delegations, current: () => current() },
  }
}

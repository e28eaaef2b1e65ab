import { type Delegation, isInForce } from '../domain/delegation.ts'
import type { Actor, Person } from '../domain/person.ts'
import type { Ports } from '../ports.ts'
import { isEmergencyAccount } from './break-glass.ts'

type Needs = Pick<Ports, 'delegations' | 'directory' | 'now' | 'breakGlass'>

/** Those in whose place this person may decide at this moment: enabled accounts, and not those kept for emergencies. */
export async function delegatorsOf(ports: Needs, personId: string): Promise<Actor[]> {
  const { delegations, now } = ports
  const given = (await delegations.current(now(), 'fresh')).filter(
    (each) => each.delegate.id === personId && isInForce(each, now()),
  )
  const enabled = await Promise.all(
    given.map(async (each) => ((await isThere(ports, each)) ? [each.delegator] : [])),
  )
  return [...new Map(enabled.flat().map((actor) => [actor.id, actor])).values()]
}

async function isThere(ports: Needs, { delegator }: Delegation): Promise<boolean> {
  if (isEmergencyAccount(ports, delegator.id)) return false
  return (await ports.directory.person(delegator.id))?.accountEnabled === true
}

/** Somebody who is told, and for whom: of their own they are named in no place. */
export type Asked = Person & { standsInFor?: string }

/** With those who stand in for them today. What was delegated a moment ago may not be known yet: the page shows it anyway. */
export async function withDelegates(ports: Needs, people: readonly Person[]): Promise<Asked[]> {
  const { delegations, directory, now } = ports
  const asked = new Map(people.map(({ id, displayName }) => [id, displayName]))
  const given = (await delegations.current(now())).filter(
    (each) =>
      asked.has(each.delegator.id) &&
      !asked.has(each.delegate.id) &&
      !isEmergencyAccount(ports, each.delegate.id) &&
      isInForce(each, now()),
  )
  const delegates = await Promise.all(
    [...new Set(given.map(({ delegate }) => delegate.id))].map(async (id): Promise<Asked[]> => {
      const person = await directory.person(id)
      const names = given.flatMap((each) => (each.delegate.id === id ? [asked.get(each.delegator.id)] : []))
      return person?.accountEnabled ? [{ ...person, standsInFor: [...new Set(names)].join(', ') }] : []
    }),
  )
  return [...people, ...delegates.flat()]
}

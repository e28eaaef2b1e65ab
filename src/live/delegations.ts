import { type Delegation, isInForce } from '../domain/delegation.ts'
import type { Actor, Person } from '../domain/person.ts'
import type { Ports } from '../ports.ts'

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

async function isThere({ directory, breakGlass }: Needs, { delegator }: Delegation): Promise<boolean> {
  if (breakGlass.includes(delegator.id)) return false
  return (await directory.person(delegator.id))?.accountEnabled === true
}

/** With those who stand in for them today. What was delegated a moment ago may not be known yet: the page shows it anyway. */
export async function withDelegates(ports: Needs, people: readonly Person[]): Promise<Person[]> {
  const { delegations, directory, now } = ports
  const asked = new Set(people.map(({ id }) => id))
  const given = (await delegations.current(now())).filter(
    (each) => asked.has(each.delegator.id) && !asked.has(each.delegate.id) && isInForce(each, now()),
  )
  const delegates = await Promise.all(
    [...new Set(given.map(({ delegate }) => delegate.id))].map((id) => directory.person(id)),
  )
  return [...people, ...delegates.filter((person): person is Person => person?.accountEnabled === true)]
}

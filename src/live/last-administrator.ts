import {
  loss,
  membershipIn,
  neverUnheld,
  takesTheLast,
  underWay,
  type Way,
} from '../domain/last-administrator.ts'
import { ADMINISTRATORS, nameOfAdministrator, type Role } from '../domain/role.ts'
import { type Ports, Unavailable } from '../ports.ts'
import { atOnce } from './at-once.ts'

/** It would leave a role without an active holder that never goes without one. */
export class LastAdministrator extends Error {
  override name = 'LastAdministrator'
}

type Outside = Pick<Ports, 'directory' | 'departures' | 'now'>

/**
 * Takes something from a principal, by `take`, unless that would be the last active holder of a role that never goes without.
 * Nobody else may take the last but one meanwhile: who goes is written down under a lock before it happens, and whoever
 * looks at the same instant has to look again. A process that dies in between blocks the others for a quarter of an hour.
 */
export async function takeUnlessLast(
  ports: Outside,
  principalId: string,
  role: Role,
  take: () => Promise<void>,
): Promise<void> {
  const began = ports.now().getTime()
  for (const guarded of await rolesAtStake(ports, role)) await depart(ports, guarded, loss(principalId, role))
  if (ports.now().getTime() - began > A_LOOK_IS_GOOD_FOR)
    throw new Unavailable('Since it was looked at who else holds the role, too much time has passed.')
  await take()
}

const A_LOOK_IS_GOOD_FOR = 60_000

/** Throws `LastAdministrator` when this could not be taken now. Writes nothing, and promises nothing for later. */
export async function refuseLast(ports: Outside, principalId: string, role: Role): Promise<void> {
  for (const guarded of await rolesAtStake(ports, role)) {
    const departures = (await ports.departures.read(guarded))?.value ?? []
    if (takesTheLast(await waysToHold(ports, guarded), loss(principalId, role), departures, ports.now()))
      throw wouldBeLast(guarded)
  }
}

/** Does anybody hold this role actively? */
export async function isHeld(ports: Outside, role: Role): Promise<boolean> {
  return (await waysToHold(ports, role)).some(({ person }) => person.accountEnabled)
}

async function depart(ports: Outside, role: Role, wouldLose: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const read = await ports.departures.read(role)
    const departures = read?.value ?? []
    const ways = await waysToHold(ports, role) // after the read: what others have taken since stands in the row
    const now = ports.now()
    if (takesTheLast(ways, wouldLose, departures, now)) throw wouldBeLast(role)
    const others = underWay(departures, now).filter((each) => each.loss !== wouldLose)
    const next = [...others, { loss: wouldLose, at: now.toISOString() }]
    if (await ports.departures.write(role, next, read)) return
  }
  throw new Unavailable('Others are taking the same role from somebody at this time.')
}

/** Which of the roles that never go without a holder somebody may lose with this one. Nothing is asked for ordinary roles. */
async function rolesAtStake({ directory }: Outside, role: Role): Promise<Role[]> {
  if (neverUnheld(role)) return [role]
  if (role.provider !== 'group' || role.roleDefinitionId !== 'member') return []
  const assigned = await directory.assignmentsOf(ADMINISTRATORS)
  if (assigned.length === 0) throw new Unavailable('The directory shows no administrator at all.')
  const group = role.scope.slice('/groups/'.length)
  const held = assigned.flatMap((each) => (each.principalId === group ? [each.roleDefinitionId] : []))
  return [...new Set(held)].map((roleDefinitionId) => ({
    provider: 'directory',
    roleDefinitionId,
    scope: '/',
  }))
}

/** Everybody who holds the role in the whole tenant, and by what; the directory shows applications as nobody. */
async function waysToHold({ directory }: Outside, role: Role): Promise<Way[]> {
  const assigned = await directory.assignmentsOf([role.roleDefinitionId])
  const ids = [...new Set(assigned.map(({ principalId }) => principalId))]
  const known = new Map((await directory.people(ids)).map((person) => [person.id, person]))
  const ways = await atOnce(8, ids, async (id): Promise<Way[]> => {
    const person = known.get(id) ?? (await directory.person(id))
    if (person) return [{ person, restsOn: [loss(id, role)] }]
    const members = await directory.membersOf(id, MOST)
    const ofGroup = loss(id, role)
    return members.map((member) => ({
      person: member,
      restsOn: [ofGroup, loss(member.id, membershipIn(id))],
    }))
  })
  return ways.flat()
}

/** More members are not looked at to find one who remains. */
const MOST = 999

const wouldBeLast = ({ roleDefinitionId }: Role) =>
  new LastAdministrator(
    `This is the last active ${nameOfAdministrator(roleDefinitionId)}. It stays until somebody else with an enabled account holds the role.`,
  )

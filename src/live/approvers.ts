import { type Approval, answeredIn, askedIn, type Stage } from '../domain/approval.ts'
import { peopleKey } from '../domain/approval-demand.ts'
import {
  type Approver,
  approverGroups,
  approverKey,
  approverUsers,
  groupKey,
  isFoundOut,
  isManager,
  type StagePeople,
  userKey,
} from '../domain/approver.ts'
import type { Person } from '../domain/person.ts'
import type { Request } from '../domain/request.ts'
import type { Role } from '../domain/role.ts'
import type { Named } from '../domain/seats.ts'
import type { Ports } from '../ports.ts'
import { atOnce } from './at-once.ts'
import { isEmergencyAccount } from './break-glass.ts'
import { holdersOf } from './holders.ts'
import { askableManager } from './managers.ts'
import { providerOf } from './providers.ts'

/** For whom and what approvers are looked for: some are found by the requester, some by the role. */
export type About = Role & { principal: { id: string } }

/** As many as Microsoft mails for one event. */
const MOST = 1000

/**
 * The people behind approvers as they are now, each once: without the requester, disabled accounts and those kept for emergencies.
 */
export async function peopleBehind(
  ports: Ports,
  about: About,
  approvers: readonly Approver[],
  most = MOST,
): Promise<Person[]> {
  const { directory } = ports
  const found = await Promise.all([
    ...approverUsers(approvers).map(async (id) => [await directory.person(id)]),
    ...approverGroups(approvers).map((id) => directory.membersOf(id, most)),
    ...approvers.filter(isFoundOut).map((approver) => behind(ports, about, approver)),
  ])
  const people = found
    .flat()
    .filter(
      (person) =>
        person?.accountEnabled && person.id !== about.principal.id && !isEmergencyAccount(ports, person.id),
    )
  return [...new Map(people.map((person) => [person?.id, person as Person])).values()]
}

async function behind(ports: Ports, about: About, approver: Approver): Promise<Person[]> {
  switch (approver['@odata.type']) {
    case '#microsoft.graph.requestorManager': {
      const manager = await askableManager(ports, about.principal.id, approver.managerLevel)
      return manager ? [manager] : []
    }
    case '#interim.scopeOwners':
      return providerOf(ports, about).administrators(about)
    case '#interim.roleHolders':
      return holdersOf(ports, heldRole(about, approver.roleDefinitionId))
    default:
      return []
  }
}

const heldRole = (about: Role, roleDefinitionId: string | null | undefined): Role =>
  roleDefinitionId
    ? { provider: 'directory', roleDefinitionId, scope: '/' }
    : { provider: about.provider, roleDefinitionId: about.roleDefinitionId, scope: about.scope }

/** Those whom a list names now: where a manager cannot be asked, those who stand in for them. */
async function namedBy(ports: Ports, about: About, people: StagePeople): Promise<Approver[]> {
  const { approvers, fallback = [], escalation = [] } = people
  const managers = fallback.length > 0 ? approvers.filter(isManager) : []
  const askable = await Promise.all(
    managers.map(({ managerLevel }) => askableManager(ports, about.principal.id, managerLevel)),
  )
  return [...approvers, ...(askable.every((each) => each) ? [] : fallback), ...escalation]
}

/** The people of lists each of which must name them: so many of the first are looked at, until there are `enough`. */
export async function peopleOfAll(
  ports: Ports,
  about: About,
  lists: readonly StagePeople[],
  most = MOST,
  enough = most,
): Promise<Person[]> {
  const [first, ...others] = lists
  if (!first) return []
  const people = await peopleBehind(ports, about, await namedBy(ports, about, first), most)
  if (others.length === 0) return people
  const found: Person[] = []
  for (let n = 0; n < people.length && found.length < enough; n += LOOKS_AT_ONCE) {
    const some = people.slice(n, n + LOOKS_AT_ONCE)
    const ids = some.map(({ id }) => id)
    const named = await namedNow(ports, about, ids, others)
    found.push(...some.filter(({ id }) => named(id, others)))
  }
  return found
}

const LOOKS_AT_ONCE = 20

/** The people who are asked in these stages of an approval and have not answered, as the directory is now. */
export async function askedNow(
  ports: Ports,
  about: About,
  approval: Approval,
  indexes: readonly number[],
  only?: 'escalation',
): Promise<Person[]> {
  const found = await Promise.all(
    indexes.map(async (index) => {
      const lists = askedIn(approval.stages[index] as Stage)
      const escalations = lists.map(({ escalation = [] }) => ({ approvers: escalation }))
      const people = await peopleOfAll(ports, about, only ? escalations : lists)
      const answered = answeredIn(approval, index)
      return people.filter(({ id }) => !answered.has(id))
    }),
  )
  return [...new Map(found.flat().map((person) => [person.id, person])).values()]
}

/** Whether lists name these people, answered from one look at the directory: for lists made of these, and no others. */
export async function namedNow(
  ports: Ports,
  about: About,
  personIds: readonly string[],
  lists: readonly StagePeople[],
): Promise<Named> {
  const named = new Map<string, Approver[]>()
  for (const people of new Map(lists.map((each) => [peopleKey(each), each])).values())
    named.set(peopleKey(people), await namedBy(ports, about, people))
  const all = new Map([...named.values()].flat().map((approver) => [approverKey(approver), approver]))
  const groups = approverGroups([...all.values()])
  const keysOf = new Map<string, Set<string>>()
  await atOnce(LOOKS_AT_ONCE, personIds, async (id) => {
    const mine = groups.length > 0 ? await ports.directory.groupsOf(id, groups) : []
    keysOf.set(id, new Set([userKey(id), ...mine.map(groupKey)]))
  })
  for (const [key, approver] of all)
    if (isFoundOut(approver))
      for (const { id } of await behind(ports, about, approver)) keysOf.get(id)?.add(key)
  const names = (id: string, people: StagePeople) =>
    (named.get(peopleKey(people)) ?? []).some((approver) => keysOf.get(id)?.has(approverKey(approver)))
  return (id, asked) => asked.every((people) => names(id, people))
}

/** For each of these stages, who is found behind the approvers that have to be found out: so that they are listed. */
export async function foundBehind(
  ports: Ports,
  request: Pick<Request, 'approval'> & About,
  indexes: readonly number[],
  isEscalating = false,
): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>()
  for (const index of indexes) {
    const stage = request.approval?.stages[index]
    const lists = stage ? askedIn({ ...stage, escalatedAt: isEscalating ? 'now' : stage.escalatedAt }) : []
    const named = (await Promise.all(lists.map((people) => namedBy(ports, request, people)))).flat()
    const toFind = [...named.filter(isFoundOut), ...standIns(lists, named)]
    if (toFind.length === 0) continue
    const most = Math.floor(MOST_LISTED / (request.approval?.stages.length ?? 1))
    const people = await peopleBehind(ports, request, toFind, most)
    found.set(
      index,
      people.slice(0, most).map(({ id }) => id),
    )
  }
  return found
}

/** People of a fallback are on no list of their own unless the manager cannot be asked. */
const standIns = (lists: readonly StagePeople[], named: readonly Approver[]) =>
  lists.flatMap(({ fallback = [] }) => fallback).filter((each) => named.includes(each))

/** A row for each on the list of what waits, in all stages together: more than this find it by their mail. */
const MOST_LISTED = 50

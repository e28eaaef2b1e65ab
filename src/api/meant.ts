import { fits, meantAssignment, meantEligibility, meantRenewal } from '../domain/meant.ts'
import { type Role, roleIn } from '../domain/role.ts'
import type { ScheduleTarget } from '../domain/schedule-target.ts'
import type { Caller, Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { Refused } from './refused.ts'

/** What is asked about an eligibility or an assignment: by its principal, or by those who administer the role. */
type Asked = ScheduleTarget & { action: string }

/**
 * The id of the eligibility that is meant, by its id or by principal and role. Throws 400 where there is none, also where the id is
 * that of another than the rest of the body says; 403, before it looks, for whoever may not ask about others.
 */
export function idOfEligibility(ports: Ports, caller: Caller, asked: Asked): Promise<string> {
  const { store, now } = ports
  return idMeant(ports, caller, asked, {
    byId: async (id) => (await store.findEligibility(id))?.value,
    async byName(principalId, role) {
      const { eligibilities } = await store.readLive(principalId)
      return meantEligibility(isRenewal(asked), eligibilities, role, now())
    },
  })
}

/** The same for an active assignment; to take away also for an activation, where nothing was assigned. */
export function idOfAssignment(ports: Ports, caller: Caller, asked: Asked): Promise<string> {
  const { store } = ports
  return idMeant(ports, caller, asked, {
    async byId(id) {
      const found = (await store.findRequest(id))?.value
      return found && { ...found, principalId: found.principal.id }
    },
    async byName(principalId, role) {
      if (isRenewal(asked)) {
        const past = await store.listPastRequests(principalId, { top: LOOKED_BACK, after: null })
        return meantRenewal(past.items, role)
      }
      const { requests } = await store.readLive(principalId)
      const theirs = requests.map(({ value }) => value)
      return meantAssignment(asked.action === 'adminRemove', theirs, role)
    },
  })
}

/** What is renewed has ended within thirty days: rarely were there more since. An older one is renewed by its id. */
const LOOKED_BACK = 200
const isRenewal = ({ action }: Asked) => action.endsWith('Renew')

type Look = {
  byId(id: string): Promise<(Role & { principalId: string }) | undefined>
  byName(principalId: string, role: Role): Promise<{ id: string } | undefined>
}

async function idMeant(ports: Ports, caller: Caller, asked: Asked, look: Look): Promise<string> {
  const { targetScheduleId: id, action } = asked
  const isOwn = action.startsWith('self')
  const principalId = asked.principalId ?? (isOwn ? caller.id : undefined)
  const role = roleIn(asked)
  // What somebody has is not for everybody to find out.
  const refuseStrangers = async (of: Role) => {
    if (!isOwn) await refuseUnlessAdministrator(ports, caller, of)
  }
  if (id !== undefined) {
    if (!role && !asked.principalId) return id
    const found = await look.byId(id)
    if (found && !fits(asked, found)) {
      await refuseStrangers(found)
      throw doesNotExist()
    }
    return id
  }
  if (!role || !principalId) throw doesNotExist()
  await refuseStrangers(role)
  const found = await look.byName(principalId, role)
  if (!found) throw doesNotExist()
  return found.id
}

export const doesNotExist = () =>
  new Refused(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.')

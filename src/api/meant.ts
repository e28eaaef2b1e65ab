import { assignmentsMeant, contradiction, eligibilitiesMeant, renewalMeant } from '../domain/meant.ts'
import { type Role, roleIn } from '../domain/role.ts'
import type { ScheduleTarget } from '../domain/schedule-target.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import type { Caller, Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { doesNotExist, forbidden, Refused } from './refused.ts'

/** What is asked about an eligibility or an assignment: by its principal, or by those who administer the role. */
type Asked = ScheduleTarget & { action: string }

/**
 * The id of the eligibility that is meant, by its id or by principal and role. Throws 400 where there is none or more than one, and
 * where the id is that of another than the rest of the body says, 403 for asking in somebody else's name. Who may do what is asked of them comes after, as for any id; but
 * whoever asks by name about others has to administer the role to be told anything.
 */
export function idOfEligibility(ports: Ports, caller: Caller, asked: Asked): Promise<string> {
  const { store, now } = ports
  return idMeant(ports, caller, asked, {
    byId: async (id) => (await store.findEligibility(id))?.value,
    async byName(principalId, role) {
      const { eligibilities } = await store.readLive(principalId)
      return eligibilitiesMeant(isRenewal(asked), eligibilities, role, now())
    },
  })
}

/** The same for an active assignment. */
export function idOfAssignment(ports: Ports, caller: Caller, asked: Asked): Promise<string> {
  const { store } = ports
  return idMeant(ports, caller, asked, {
    async byId(id) {
      const found = (await store.findRequest(id))?.value
      return found && { ...found, principalId: found.principal.id }
    },
    async byName(principalId, role) {
      const { requests } = await store.readLive(principalId)
      const open = assignmentsMeant(
        requests.map(({ value }) => value),
        role,
      )
      if (open.length > 0 || !isRenewal(asked)) return open
      const past = await store.listPastRequests(principalId, { top: LOOKED_BACK, after: null })
      return renewalMeant(past.items, role)
    },
  })
}

/** What is renewed has ended within thirty days: rarely were there more since. An older one is renewed by its id. */
const LOOKED_BACK = 200
const isRenewal = ({ action }: Asked) => action.endsWith('Renew')

type Look = {
  byId(id: string): Promise<(Role & { principalId: string }) | undefined>
  byName(principalId: string, role: Role): Promise<{ id: string }[]>
}

async function idMeant(ports: Ports, caller: Caller, asked: Asked, look: Look): Promise<string> {
  if (isOwn(asked) && asked.principalId && asked.principalId !== caller.id)
    throw forbidden('principalId must be your own: administrators extend with adminExtend.')
  const id = asked.targetScheduleId
  return id === undefined
    ? idByName(ports, caller, asked, look)
    : idThatAgrees(ports, caller, id, asked, look)
}

async function idThatAgrees(
  ports: Ports,
  caller: Caller,
  id: string,
  asked: Asked,
  { byId }: Look,
): Promise<string> {
  const { principalId, provider, roleDefinitionId, scope } = asked
  if ((principalId ?? provider ?? roleDefinitionId ?? scope) === undefined) return id
  const found = await byId(id)
  const target = found && contradiction(asked, found)
  if (!target) return id
  if (!isOwn(asked)) await refuseUnlessAdministrator(ports, caller, found)
  else if (found.principalId !== caller.id) throw doesNotExist()
  throw invalid(target, `${target}: is not that of the targetScheduleId. Send what agrees, or one of both.`)
}

async function idByName(ports: Ports, caller: Caller, asked: Asked, { byName }: Look): Promise<string> {
  const role = roleIn(asked)
  const principalId = asked.principalId ?? (isOwn(asked) ? caller.id : undefined)
  if (!role || !principalId) throw doesNotExist()
  // What somebody has is not for everybody to find out.
  if (!isOwn(asked)) await refuseUnlessAdministrator(ports, caller, role)
  const [found, ...more] = await byName(principalId, role)
  if (!found) {
    await noteBreakGlass(ports, caller, principalId, role)
    throw doesNotExist()
  }
  if (more.length === 0) return found.id
  const ids = [found, ...more].map(({ id }) => id).join(', ')
  throw invalid(
    'targetScheduleId',
    `There are several, now, to come or just over: name one as targetScheduleId (${ids}).`,
  )
}

/** Whoever tries to touch an account of the break-glass list is refused, and it is recorded, also where it has nothing here. */
async function noteBreakGlass(ports: Ports, caller: Caller, principalId: string, role: Role): Promise<void> {
  const principal = await principalBehind(ports.directory, principalId)
  if (!principal) return
  const described = await providerOf(ports, role).describe(role)
  const named = { ...role, displayName: described?.displayName ?? role.roleDefinitionId }
  await refuseBreakGlass(ports, caller, principal, named, 'change asked for by name')
}

const isOwn = ({ action }: Asked) => action.startsWith('self')

const invalid = (target: string, message: string) =>
  new Refused(400, 'InvalidRoleAssignmentRequest', message, {
    details: [{ code: 'InvalidValue', target, message }],
  })

import { randomUUID } from 'node:crypto'
import { groupApproves, rulesFor, type Wants } from '../../local/demo/rules.ts'
import { roles } from '../../local/tenant/seed.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { Actor, type Asked, accepted, isOfTheStory } from './actor.ts'
import type { World } from './world.ts'

type Told = Omit<Wants, 'approval'> & {
  /** True: by the group of Grace and Linus, with the default settings. */
  approval?: boolean | { approvers?: object[]; minutes?: number; byLink?: boolean }
  /** False: Ada is not made eligible. */
  eligible?: boolean
}

export type Story = Awaited<ReturnType<typeof story>>

/**
 * Ada wants a role; Grace and Linus approve it where that is asked for; Katherine administers and Dorothy looks on.
 * Ada, Grace, Linus and their group are new people in every story, so that none finds what another has left.
 */
export async function story(world: World, roleName: keyof typeof roles, told: Told = {}) {
  const role = roles[roleName]
  const run = randomUUID().slice(0, 8)
  const meet = async (name: string, displayName: string) =>
    new Actor(
      world,
      await world.tenant.control('POST', '/people', { short: `${name}-${run}`, displayName }),
      role.id,
    )
  const [ada, grace, linus] = await Promise.all([
    meet('ada', 'Ada Lovelace'),
    meet('grace', 'Grace Hopper'),
    meet('linus', 'Linus Torvalds'),
  ])
  const katherine = new Actor(world, { id: '', short: 'katherine' }, role.id)
  const dorothy = new Actor(world, { id: '', short: 'dorothy' }, role.id)

  const newGroup = (
    name: string,
    members: string[],
    more: object = {},
  ): Promise<{ id: string; short: string }> =>
    world.tenant.control('POST', '/groups', { short: `${name}-${run}`, members, ...more })
  const approvers = await newGroup('approvers', [grace.short, linus.short])

  const setRules = async ({ approval, eligible: _, ...wants }: Told) => {
    const given = approval === true ? {} : approval
    const rules = rulesFor({
      ...wants,
      ...(given && { approval: { ...given, approvers: given.approvers ?? [groupApproves(approvers.id)] } }),
    })
    await accepted(200, katherine.calls('PATCH', `/api/roles/${role.id}/settings`, { rules }))
  }
  const makeEligible = (
    { id: principalId }: { id: string },
    scheduleInfo?: object,
  ): Promise<{ id: string }> =>
    accepted(
      201,
      katherine.calls('POST', '/api/eligibilities', {
        principalId,
        roleDefinitionId: role.id,
        ...(scheduleInfo && { scheduleInfo }),
      }),
    )

  await setRules(told)
  const eligibility = told.eligible === false ? { id: '' } : await makeEligible(ada)

  /** The events of a request, the oldest first, as “who: what”. */
  async function trail({ id }: { id: string }): Promise<AuditEvent[]> {
    const path = `/api/audit?principalId=${ada.id}&top=200`
    const { value } = await accepted<{ value: AuditEvent[] }>(200, dorothy.calls('GET', path))
    return value.filter(({ correlationId }) => correlationId === id).reverse()
  }

  return {
    ada,
    grace,
    linus,
    katherine,
    dorothy,
    role,
    approvers,
    eligibility,
    meet,
    newGroup,
    setRules,
    makeEligible,
    /** Not in its first five minutes: so they pass. */
    losesEligibility: async () => {
      await world.advance('PT5M')
      await accepted(204, katherine.calls('DELETE', `/api/eligibilities/${eligibility.id}`))
    },
    trail,

    /** The request as it stands once it has this status, or as far as it came. */
    becomes: (request: { id: string }, status: Asked['status']): Promise<Asked> =>
      world.look(
        () => katherine.sees(request),
        (seen) => seen.status === status,
      ),

    /** What is recorded of a request, once there are that many events: “who: what”, the oldest first. */
    async recorded(request: { id: string }, count: number): Promise<string[]> {
      const events = await world.look(
        () => trail(request),
        (seen) => seen.length >= count,
      )
      return events.map((e) => `${e.initiatedBy.displayName}: ${e.activityDisplayName}`)
    },

    /** The mails to Ada, Grace and Linus, once there are that many: “to: subject”, sorted. */
    async mailed(count: number): Promise<string[]> {
      const names = [ada, grace, linus].map(({ short }) => short)
      const mails = await world.look(
        async () =>
          (await world.tenant.mails()).filter(isOfTheStory).flatMap(({ to, subject }) => {
            const name = names.find((short) => to.some((address) => address.startsWith(`${short}@`)))
            return name ? [`${name.split('-')[0]}: ${subject}`] : []
          }),
        (seen) => seen.length >= count,
      )
      return mails.sort()
    },
  }
}

/** What the audit trail says, in Microsoft's words. */
export const TRAIL = {
  asked: 'Ada Lovelace: Add member to role requested (PIM activation)',
  approvalAsked: 'Ada Lovelace: Add member to role approval requested (PIM activation)',
  reminded: 'Interim: Add member to role approval reminded (PIM activation)',
  approved: 'Grace Hopper: Add member to role request approved (PIM activation)',
  denied: 'Grace Hopper: Add member to role request denied (PIM activation)',
  given: 'Interim: Add member to role completed (PIM activation)',
  canceled: 'Ada Lovelace: Add member to role canceled (PIM activation)',
  timedOut: 'Interim: PIM activation request expired',
  removedOutside: 'Interim: Remove member from role outside of PIM (PIM activation)',
  ended: 'Interim: Remove member from role (PIM activation expired)',
  givenBack: 'Ada Lovelace: Remove member from role requested (PIM deactivate)',
  takenBack: 'Ada Lovelace: Remove member from role completed (PIM deactivate)',
} as const

import { z } from 'zod'
import { type Eligibility, isCurrent, isNotOver, NewEligibility } from '../domain/eligibility.ts'
import { SHORTEST_ASSIGNMENT } from '../domain/eligibility-life.ts'
import { assignmentName } from '../domain/ids.ts'
import { accepted, madeActive, madeActiveDone, removalAsked, resolved } from '../domain/incident.ts'
import { mayHold } from '../domain/request.ts'
import { Guid, type Role, rightForProvider, roleFields, sameRole } from '../domain/role.ts'
import { text } from '../domain/text.ts'
import { eligibilityDemandsNow } from '../live/circumstances.ts'
import { changeIncident, closeIncident } from '../live/incidents.ts'
import { principalBehind } from '../live/principals.ts'
import { providerOf } from '../live/providers.ts'
import { type Holder, standingIds, standingIncident } from '../live/standing.ts'
import { type Caller, Impossible, type Ports } from '../ports.ts'
import { refuseForGood } from './assigning.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { refuseBreakGlass } from './break-glass.ts'
import { eachByItself, type Outcome } from './each.ts'
import { createEligibility } from './eligibilities.ts'
import { removeEligibility } from './eligibility-removal.ts'
import { refuseForOneself } from './for-oneself.ts'
import { refuseLastAdministrator, takeUnlessLastAdministrator } from './last-administrator.ts'
import { Refused } from './refused.ts'
import { actor, again } from './withdrawals.ts'

export const ConversionAction = z.enum(['makeEligible', 'makeActive', 'remove', 'acknowledge'])
export type ConversionAction = z.infer<typeof ConversionAction>

const Item = z.strictObject({ principalId: Guid, ...roleFields }).superRefine(rightForProvider)
type Item = z.infer<typeof Item>

export const Conversion = z.strictObject({
  action: ConversionAction,
  items: z.array(Item).min(1).max(50),
  justification: text(1000).refine((given) => given.trim() !== '', 'must say why'),
  isValidationOnly: z.boolean().default(false),
})
export type Conversion = z.infer<typeof Conversion>

export const ConversionOutcome = z
  .object({
    principalId: z.string(),
    provider: z.string(),
    roleDefinitionId: z.string(),
    scope: z.string(),
    outcome: z.enum(['done', 'already', 'pending', 'wouldDo', 'refused', 'failed']).meta({
      description:
        'already: it was so before. pending: done, but it does not show yet; repeat to be sure. failed: not known to be done; repeat.',
    }),
    code: z.string().nullable(),
    message: z.string().nullable(),
  })
  .meta({ id: 'ConversionOutcome' })
export type ConversionOutcome = z.infer<typeof ConversionOutcome>

type Done = 'done' | 'already' | 'pending' | 'wouldDo'
type Deed = { caller: Caller; role: Role; holder: Holder; justification: string; dry: boolean }

/** Each item by itself: what stands in the way of one keeps no other waiting. Repeating it is safe, at whatever point it stopped. */
export async function convertAll(
  ports: Ports,
  caller: Caller,
  { action, items, justification, isValidationOnly }: Conversion,
): Promise<ConversionOutcome[]> {
  const outcomes = await eachByItself(ports, items, (item) =>
    convert(ports, caller, action, item, justification, isValidationOnly).catch((error) => {
      if (error instanceof Impossible) throw new Refused(400, error.code, error.message)
      throw error
    }),
  )
  return items.map((item, n) => ({ ...item, ...told(outcomes[n] as Outcome<Done>) }))
}

function told(outcome: Outcome<Done>): Pick<ConversionOutcome, 'outcome' | 'code' | 'message'> {
  if ('done' in outcome) return { outcome: outcome.done, code: null, message: null }
  const { status, code, message } = outcome.refused
  return { outcome: status < 500 ? 'refused' : 'failed', code, message }
}

/** One assignment. Throws `Refused` where it must not be. */
export async function convert(
  ports: Ports,
  caller: Caller,
  action: ConversionAction,
  { principalId, ...role }: Item,
  justification: string,
  dry = false,
): Promise<Done> {
  await refuseUnlessAdministrator(ports, caller, role)
  const holder = await holderOf(ports, principalId)
  await refuseForOneself(ports, caller, principalId, holder.type ?? 'User')
  const displayName = (await providerOf(ports, role).describe(role))?.displayName ?? role.roleDefinitionId
  const concerned = { ...holder, type: holder.type ?? 'User' }
  await refuseBreakGlass(ports, actor(caller), concerned, { ...role, displayName }, `${action} asked for`)
  return DEEDS[action](ports, { caller, role, holder, justification, dry })
}

/** Lists may not show yet who was just made: only whom nobody knows by their id either is unknown. */
async function holderOf({ directory }: Ports, id: string): Promise<Holder> {
  const [listed] = await directory.principals([{ id, type: null }])
  return (
    listed ?? (await principalBehind(directory, id)) ?? { id, type: null, displayName: 'Unknown principal' }
  )
}

const DEEDS: Record<ConversionAction, (ports: Ports, deed: Deed) => Promise<Done>> = {
  /** The eligibility first: whoever had the right is never left without, wherever this stops. */
  async makeEligible(ports, deed) {
    const { caller, role, holder, justification, dry } = deed
    if (!found(holder) || holder.type === 'ServicePrincipal')
      throw new Refused(
        400,
        'SubjectTypeNotSupported',
        'Only people and groups activate roles: what an application or an unknown principal holds can only be removed.',
      )
    const standing = await standingIds(ports, holder.id, role)
    const eligible = await eligibleFor(ports, holder.id, role)
    if (standing.length === 0 && eligible.length === 0) throw absent()
    if (standing.length === 0) return 'already'
    refuseOnlyLater(eligible, ports.now())
    await refuseLastAdministrator(ports, holder.id, role)
    if (dry) return 'wouldDo'
    if (eligible.length === 0)
      await createEligibility(
        ports,
        caller,
        NewEligibility.parse({
          principalId: holder.id,
          ...role,
          justification,
          scheduleInfo: await asLongAsMayBe(ports, role),
          condition: await providerOf(ports, role).conditionOf?.(standing[0] as string),
        }),
      )
    return takeAway(ports, deed, standing, 'madeEligible')
  },

  /** The way back: it is given for good, seen to be there, and only then the eligibility goes. */
  async makeActive(ports, { caller, role, holder, justification, dry }) {
    if (!found(holder)) throw new Refused(400, 'SubjectNotFound', `There is no principal ${holder.id}.`)
    const { requests } = await ports.store.readLive(holder.id)
    if (requests.some(({ value }) => sameRole(value, role) && mayHold(value)))
      throw new Refused(
        400,
        'RoleAssignmentExists',
        'It is activated: wait for its end, or deactivate it first.',
      )
    const eligible = await eligibleFor(ports, holder.id, role)
    const standing = await standingIds(ports, holder.id, role)
    const [first] = eligible
    if (!first && standing.length > 0) return 'already'
    if (!first) throw new Refused(400, 'RoleAssignmentDoesNotExist', 'It is not eligible for this role.')
    refuseTooYoung(eligible, ports.now()) // before anything is given, for afterwards it could not be taken back
    if (standing.length === 0) await refuseForGood(ports, caller, role, holder.id, justification)
    if (dry) return 'wouldDo'
    const by = actor(caller)
    const { value } = await again(async () => {
      const read = await standingIncident(ports, holder, role, standing[0] ?? 'not yet given')
      if (read.value.state === 'acknowledged' && standing.length > 0) return read
      return changeIncident(ports, read, madeActive(read.value, by, justification, ports.now()))
    })
    if (standing.length === 0)
      try {
        const principal = { id: holder.id, type: holder.type }
        await providerOf(ports, role).add(principal, role, assignmentName(first.id), first.condition)
      } catch (error) {
        if (error instanceof Impossible) await nothingGiven(ports, value.id, by)
        throw error
      }
    const [there] = await standingIds(ports, holder.id, role)
    if (!there) return 'pending'
    await again(async () => {
      const read = await ports.findings.findIncident(value.id)
      if (!read || read.value.state === 'resolved' || read.value.assignmentId === there) return true
      return changeIncident(ports, read, madeActiveDone(read.value, there, by, ports.now()))
    })
    for (const { id } of eligible) await removeEligibility(ports, caller, id)
    return 'done'
  },

  async remove(ports, deed) {
    const standing = await standingIds(ports, deed.holder.id, deed.role)
    if (standing.length > 0) await refuseLastAdministrator(ports, deed.holder.id, deed.role)
    if (deed.dry) return standing.length > 0 ? 'wouldDo' : 'already'
    return takeAway(ports, deed, standing, 'removed')
  },

  async acknowledge(ports, { caller, role, holder, justification, dry }) {
    const [there] = await standingIds(ports, holder.id, role)
    if (!there) throw absent()
    const known = await ports.findings.standing(role, holder.id)
    if (known?.value.state === 'acknowledged') return 'already'
    if (dry) return 'wouldDo'
    await again(async () => {
      const read = await standingIncident(ports, holder, role, there)
      return changeIncident(ports, read, accepted(read.value, actor(caller), justification, ports.now()))
    })
    return 'done'
  },
}

/** Says so first, takes it away, and believes it when it was read back. */
async function takeAway(
  ports: Ports,
  { caller, role, holder, justification }: Deed,
  standing: readonly string[],
  because: 'removed' | 'madeEligible',
): Promise<Done> {
  const [first] = standing
  if (!first) {
    const left = await ports.findings.standing(role, holder.id)
    return left && (await closeIncident(ports, left.value.id)) ? 'done' : 'already'
  }
  const asked = await takeUnlessLastAdministrator(ports, holder.id, role, async () => {
    const { value } = await again(async () => {
      const read = await standingIncident(ports, holder, role, first)
      const step = removalAsked(read.value, because, actor(caller), justification, ports.now())
      return changeIncident(ports, read, step)
    })
    for (const id of standing) await providerOf(ports, role).remove(id)
    return value
  })
  if ((await standingIds(ports, holder.id, role)).length > 0) return 'pending'
  await closeIncident(ports, asked.id)
  return 'done'
}

/** What is to begin one day is no stand-in for what is taken away now. */
function refuseOnlyLater(eligible: readonly Eligibility[], now: Date): void {
  const [first] = eligible
  if (first && !eligible.some((each) => isCurrent(each, now)))
    throw new Refused(
      400,
      'RoleAssignmentExists',
      `It is eligible from ${first.startDateTime} on, and not now: let that begin now, or remove it first.`,
    )
}

function refuseTooYoung(eligible: readonly Eligibility[], now: Date): void {
  const youngest = Math.max(...eligible.map(({ createdDateTime }) => Date.parse(createdDateTime)))
  if (now.getTime() - youngest < SHORTEST_ASSIGNMENT)
    throw new Refused(
      400,
      'ActiveDurationTooShort',
      'No eligibility is taken away in its first five minutes: make it active after that.',
    )
}

async function nothingGiven(
  ports: Ports,
  id: string,
  by: { id: string; displayName: string },
): Promise<void> {
  const read = await ports.findings.findIncident(id)
  if (read) await changeIncident(ports, read, resolved(read.value, ports.now(), 'notGoverned', by))
}

async function eligibleFor({ store, now }: Ports, principalId: string, role: Role) {
  const { eligibilities } = await store.readLive(principalId)
  return eligibilities.filter((each) => sameRole(each, role) && isNotOver(each, now()))
}

/** For good where the role's settings allow that, else for the longest that they do. */
async function asLongAsMayBe(ports: Ports, role: Role) {
  const { isExpirationRequired, maximumDuration } = await eligibilityDemandsNow(ports, role)
  return {
    expiration: isExpirationRequired
      ? { type: 'afterDuration', duration: maximumDuration }
      : { type: 'noExpiration' },
  }
}

const absent = () =>
  new Refused(
    400,
    'RoleAssignmentDoesNotExist',
    'There is no standing assignment, only perhaps an activation.',
  )

const found = (holder: Holder): holder is Holder & { type: NonNullable<Holder['type']> } =>
  holder.type !== null

import { z } from 'zod'
import { drift } from '../domain/drift.ts'
import { isNotOver } from '../domain/eligibility.ts'
import type { Place } from '../domain/governed.ts'
import { sameRole } from '../domain/role.ts'
import { isEmergencyAccount } from '../live/break-glass.ts'
import { isGone } from '../live/places.ts'
import { providerOf } from '../live/providers.ts'
import type { DirectoryPrincipal, Held, Page, Ports } from '../ports.ts'
import { notFound } from './refused.ts'

const FLAGS = ['unknownPrincipal', 'disabled', 'guest', 'servicePrincipal', 'group', 'breakGlass'] as const

export const DiscoveryAnswer = z
  .object({
    assignmentId: z.string(),
    principal: z.object({
      id: z.string(),
      displayName: z.string().nullable(),
      type: z.enum(['User', 'Group', 'ServicePrincipal']).nullable(),
    }),
    provider: z.string(),
    roleDefinitionId: z.string(),
    roleDisplayName: z.string(),
    scope: z.string(),
    condition: z.string().nullable().meta({ description: 'Azure: under which condition it holds.' }),
    isPrivileged: z.boolean(),
    assignmentType: z.enum(['standing', 'activated']).meta({
      description: 'standing: made elsewhere, without an end. activated: by a request here, until its end.',
    }),
    isEligible: z.boolean(),
    incident: z.object({ id: z.string(), state: z.string() }).nullable(),
    flags: z.array(z.enum(FLAGS)),
    lastActivation: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Here, and among the latest; null: not known.' }),
  })
  .meta({ id: 'DiscoveredAssignment' })
type DiscoveryAnswer = z.infer<typeof DiscoveryAnswer>

/** What is held at a scope, as its provider pages it: read now, and kept nowhere. */
export async function discover(
  ports: Ports,
  place: Place,
  after: string | null,
): Promise<Page<DiscoveryAnswer>> {
  const { items, next } = await heldAt(ports, place, after)
  const kinds = new Map(items.map(({ principalId: id, principalType: type }) => [id, { id, type }]))
  const principals = new Map(
    (await ports.directory.principals([...kinds.values()])).map((each) => [each.id, each]),
  )
  const shown: DiscoveryAnswer[] = []
  for (let start = 0; start < items.length; start += 8)
    shown.push(
      ...(await Promise.all(
        items.slice(start, start + 8).map((held) => show(ports, held, principals.get(held.principalId))),
      )),
    )
  return { items: shown, next }
}

/** Throws 404 for a scope that is not there, which else looks like one that does not answer. */
async function heldAt(ports: Ports, place: Place, after: string | null): Promise<Page<Held>> {
  try {
    return await providerOf(ports, place).held(place.scope, after)
  } catch (error) {
    if (await isGone(ports, place)) throw notFound(`There is no ${place.scope}.`)
    throw error
  }
}

async function show(
  ports: Ports,
  held: Held,
  principal: DirectoryPrincipal | undefined,
): Promise<DiscoveryAnswer> {
  const { principalId, role } = held
  const [live, past, described, incident] = await Promise.all([
    ports.store.readLive(principalId),
    ports.store.listPastRequests(principalId, { top: 20, after: null }),
    providerOf(ports, role).describe(role),
    ports.findings.standing(role, principalId),
  ])
  const requests = [...live.requests.map(({ value }) => value), ...past.items]
  const now = ports.now()
  const { outside } = drift([held], { ours: requests, standing: [], isBreakGlass: () => false, now })
  const activations = requests
    .filter((each) => sameRole(each, role))
    .flatMap(({ grant }) => grant?.grantedAt ?? [])
  return {
    assignmentId: held.id,
    principal: {
      id: principalId,
      displayName: principal?.displayName ?? null,
      type: principal?.type ?? held.principalType,
    },
    ...role,
    condition: held.condition ?? null,
    roleDisplayName: described?.displayName ?? role.roleDefinitionId,
    isPrivileged: described?.isPrivileged ?? true,
    assignmentType: outside.length > 0 ? 'standing' : 'activated',
    isEligible: live.eligibilities.some((each) => sameRole(each, role) && isNotOver(each, now)),
    incident: incident ? { id: incident.value.id, state: incident.value.state } : null,
    flags: flagsOf(principal, isEmergencyAccount(ports, principalId)),
    lastActivation: activations.sort().at(-1) ?? null,
  }
}

function flagsOf(principal: DirectoryPrincipal | undefined, isBreakGlass: boolean): DiscoveryAnswer['flags'] {
  const is: Record<(typeof FLAGS)[number], boolean> = {
    unknownPrincipal: principal === undefined,
    disabled: principal?.isEnabled === false,
    guest: principal?.isGuest === true,
    servicePrincipal: principal?.type === 'ServicePrincipal',
    group: principal?.type === 'Group',
    breakGlass: isBreakGlass,
  }
  return FLAGS.filter((flag) => is[flag])
}

import { looserRules } from '../domain/looser.ts'
import { covers, type PrincipalType, type Role, sameRole } from '../domain/role.ts'
import { type Rule, settingsRole } from '../domain/role-settings.ts'
import { providerOf } from '../live/providers.ts'
import { withinReach } from '../live/reach.ts'
import type { Caller, Ports } from '../ports.ts'
import { forbidden } from './refused.ts'

/**
 * Neither one's own nor that of a group one is in or may come into, in however many steps: an administrator who could would
 * need nobody's approval for anything. Every action upon an eligibility or an assignment asks here: to make, move, extend, renew
 * and remove it, one by one or in bulk.
 */
export async function refuseForOneself(
  ports: Ports,
  { id }: Pick<Caller, 'id'>,
  principalId: string,
  type: PrincipalType,
): Promise<void> {
  const isReached = async () => {
    const reach = await withinReach(ports, id, [principalId])
    return !reach || reach.isIn.has(principalId) || reach.mayJoin.has(principalId)
  }
  if (id === principalId || (type === 'Group' && (await isReached())))
    throw forbidden(
      'Nobody changes their own eligibility, nor that of a group they are in or may come into: ask another administrator.',
    )
}

/**
 * Whoever may activate a role, themselves or as a member of a group that they may come into, does not loosen what it asks of them:
 * another administrator may. To tighten it is fine.
 */
export async function refuseLooserForOneself(
  ports: Ports,
  { id }: Pick<Caller, 'id'>,
  role: Role,
  before: readonly Rule[],
  after: readonly Rule[],
): Promise<void> {
  const looser = looserRules(before, after, role.provider === 'azure')
  if (looser.length === 0) return
  const would = `what it asks for is loosened by another administrator. Looser would be: ${looser.join(', ')}.`
  const reach = await withinReach(ports, id)
  if (!reach)
    throw forbidden(`You may join more groups than can be looked at, and be eligible for this role: ${would}`)
  for (const each of reach.eligibilities)
    if (await concerns(ports, settingsRole(each), role))
      throw forbidden(`You are eligible for this role, or may come to be: ${would}`)
}

/**
 * Would what is set for `set` be asked of whoever is eligible for `mine`? Of an Azure role also at a scope above, which is taken
 * over, and at one below, where it may be activated too.
 */
async function concerns(ports: Ports, mine: Role, set: Role): Promise<boolean> {
  if (sameRole(mine, set)) return true
  if (mine.provider !== 'azure' || !sameRole({ ...mine, scope: set.scope }, set)) return false
  const provider = providerOf(ports, set)
  const [aboveMine, aboveSet] = await Promise.all([
    provider.scopesAbove(mine.scope),
    provider.scopesAbove(set.scope),
  ])
  return covers(set, mine, aboveMine) || covers(mine, set, aboveSet)
}

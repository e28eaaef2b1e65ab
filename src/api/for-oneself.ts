import { isNotOver } from '../domain/eligibility.ts'
import { looserRules } from '../domain/looser.ts'
import { type PrincipalType, type Role, sameRole } from '../domain/role.ts'
import { type Rule, settingsRole } from '../domain/role-settings.ts'
import { eligibilitiesThroughGroups } from '../live/circumstances.ts'
import type { Caller, Ports } from '../ports.ts'
import { forbidden } from './refused.ts'

/**
 * Neither one's own nor that of a group one is in: an administrator who could would need nobody's approval for anything. Every
 * action upon an eligibility or an assignment asks here: to make, move, extend, renew and remove it, one by one or in bulk.
 */
export async function refuseForOneself(
  { directory }: Pick<Ports, 'directory'>,
  { id }: Pick<Caller, 'id'>,
  principalId: string,
  type: PrincipalType,
): Promise<void> {
  const isIn = async () => type === 'Group' && (await directory.groupsOf(id, [principalId])).length > 0
  if (id === principalId || (await isIn()))
    throw forbidden(
      'Nobody changes their own eligibility, nor that of a group they are in: ask another administrator.',
    )
}

/** Whoever may activate a role does not loosen what it asks of them: another administrator may. To tighten it is fine. */
export async function refuseLooserForOneself(
  ports: Ports,
  { id }: Pick<Caller, 'id'>,
  role: Role,
  before: readonly Rule[],
  after: readonly Rule[],
): Promise<void> {
  const looser = looserRules(before, after)
  if (looser.length === 0) return
  const { eligibilities } = await ports.store.readLive(id)
  const mine = [...eligibilities, ...(await eligibilitiesThroughGroups(ports, id))]
  const isMine = mine.some(
    (each) => isNotOver(each, ports.now()) && (sameRole(settingsRole(each), role) || inherits(each, role)),
  )
  if (isMine)
    throw forbidden(
      `You are eligible for this role: what it asks for is loosened by another administrator. Looser would be: ${looser.join(', ')}.`,
    )
}

/** Of an Azure role at a scope below, which takes over what is set above. */
const inherits = (mine: Role, set: Role) =>
  mine.provider === 'azure' &&
  set.provider === 'azure' &&
  mine.roleDefinitionId === set.roleDefinitionId &&
  mine.scope.startsWith(`${set.scope}/`)

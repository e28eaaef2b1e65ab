import { approverGroups } from '../domain/approval.ts'
import type { AuditEvent } from '../domain/audit.ts'
import { makeId, settingsOwner } from '../domain/ids.ts'
import { type Role, type RoleDefinition, type RoleDescription, titleOf } from '../domain/role.ts'
import {
  changedRules,
  type RoleSettings,
  type RoleSettingsChange,
  type Rule,
  rulesFaults,
  settingsRole,
} from '../domain/role-settings.ts'
import { settingsOf } from '../live/circumstances.ts'
import { providerOf } from '../live/providers.ts'
import { type Caller, Impossible, type Ports } from '../ports.ts'
import { refuseUnlessAdministrator } from './authority.ts'
import { watchUse } from './break-glass.ts'
import { listForSweep } from './eligibilities.ts'
import { refuseLooserForOneself } from './for-oneself.ts'
import { notFound, Refused } from './refused.ts'
import { actor, again } from './withdrawals.ts'

/** The roles that can be given at a scope. Throws 400 for a scope that is not there, or is none of this provider's. */
export async function listRoles(
  ports: Ports,
  at: Pick<Role, 'provider' | 'scope'>,
): Promise<RoleDefinition[]> {
  return providerOf(ports, at)
    .roles(at.scope)
    .catch((error) => {
      if (error instanceof Impossible && error.code === 'InvalidScope')
        throw new Refused(400, error.code, error.message)
      throw error
    })
}

/** A role and its settings. Throws 404 for a role that the tenant does not have. */
export async function getRoleSettings(
  ports: Ports,
  role: Role,
): Promise<{ definition: RoleDescription; settings: RoleSettings }> {
  const definition = await providerOf(ports, role).describe(role)
  if (!definition) throw notFound(`There is no role ${role.roleDefinitionId} at ${role.scope}.`)
  return { definition, settings: await settingsOf(ports, settingsRole(role)) }
}

/** Changes rules of a role, whole rules at a time. Throws 400 with every fault, in Microsoft's codes. */
export async function changeRoleSettings(
  ports: Ports,
  caller: Caller,
  asked: Role,
  change: RoleSettingsChange,
): Promise<{ definition: RoleDescription; settings: RoleSettings }> {
  await refuseUnlessAdministrator(ports, caller, asked)
  const role = settingsRole(asked)
  const { definition } = await getRoleSettings(ports, role)
  await watchUse(ports, {
    by: caller,
    principal: caller,
    role: { ...role, displayName: definition.displayName },
    what: 'settings changed',
  })
  return again(async () => {
    const stored = await ports.settings.read(role, 'fresh')
    const before = stored?.value ?? (await settingsOf(ports, role))
    const rules = changedRules(before.rules, change.rules)
    await refuseFaults(ports, rules)
    await refuseLooserForOneself(ports, caller, role, before.rules, rules)

    const now = ports.now()
    const settings: RoleSettings = {
      role,
      version: before.version + 1,
      rules,
      lastModifiedDateTime: now.toISOString(),
      lastModifiedBy: actor(caller),
    }
    const events = [recorded(ports, caller, definition, settings, change)]
    refuseTooLarge([settings, ...events])
    const groups = rules.flatMap((rule) =>
      rule.id === 'Approval_EndUser_Assignment'
        ? approverGroups(rule.setting.approvalStages[0]?.primaryApprovers ?? [])
        : [],
    )
    await ports.views.noteGroups(groups) // before: one too many costs nothing
    await listForSweep(ports, events)
    if (!(await ports.settings.write(settings, stored, events))) return undefined
    await ports.views.indexEvents(events)
    return { definition, settings }
  })
}

/** A row of a table holds so many characters; the trail keeps what was sent as well. */
const MOST_CHARACTERS = 32 * 1024

function refuseTooLarge(rows: readonly object[]): void {
  if (rows.every((row) => JSON.stringify(row).length <= MOST_CHARACTERS)) return
  const message =
    'These settings are too large to be kept. Name fewer recipients, or groups instead of people.'
  throw new Refused(400, 'InvalidPolicy', message, {
    details: [{ code: 'InvalidPolicy', target: 'rules', message }],
  })
}

async function refuseFaults({ directory }: Ports, rules: readonly Rule[]): Promise<void> {
  const faults = rulesFaults(rules)
  for (const rule of rules) {
    if (rule.id !== 'Approval_EndUser_Assignment') continue
    for (const approver of rule.setting.approvalStages[0]?.primaryApprovers ?? []) {
      const [id, found] =
        approver['@odata.type'] === '#microsoft.graph.singleUser'
          ? [approver.userId, await directory.person(approver.userId)]
          : [approver.groupId, await directory.group(approver.groupId)]
      if (!found)
        faults.push({
          code: 'InvalidPolicy',
          target: `${rule.id}.setting.approvalStages[0].primaryApprovers`,
          message: `There is no approver ${id} in the directory.`,
        })
    }
  }
  const [first] = faults
  if (first) throw new Refused(400, first.code, first.message, { details: faults })
}

const named = ({ displayName, scopeName }: RoleDescription) => ({ roleName: displayName, scopeName })

function recorded(
  ports: Ports,
  caller: Caller,
  definition: RoleDescription,
  settings: RoleSettings,
  change: RoleSettingsChange,
): AuditEvent {
  const at = ports.now()
  const id = makeId('set', settingsOwner(settings.role), at, ports.random())
  return {
    id: `${id}.changed`,
    activityDateTime: at.toISOString(),
    activityDisplayName: 'Update role setting in PIM',
    category: 'RoleManagement',
    loggedByService: 'PIM',
    result: 'success',
    resultReason: change.justification ?? '',
    initiatedBy: actor(caller),
    principal: actor(caller),
    role: { ...settings.role, displayName: titleOf({ ...settings.role, ...named(definition) }) },
    correlationId: id,
    additionalDetails: [
      { key: 'version', value: `${settings.version}` },
      ...change.rules.map((rule) => ({ key: rule.id, value: JSON.stringify(rule) })),
    ],
  }
}

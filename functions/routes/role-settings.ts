import { z } from 'zod'
import { pageOf } from '../../src/api/answers.ts'
import { Refused } from '../../src/api/refused.ts'
import {
  changeRoleSettings,
  getRoleSettings,
  listRoles,
  resetRoleSettings,
} from '../../src/api/role-settings.ts'
import {
  ChangedAnswer,
  changedAnswer,
  DefinitionAnswer,
  SettingsAnswer,
  SettingsChangeAnswer,
  settingsAnswer,
  settingsChangeAnswer,
} from '../../src/api/settings-answers.ts'
import { decideSettingsChange, listSettingsChanges } from '../../src/api/settings-changes.ts'
import { type Role, RoleId, rightForProvider, roleFields } from '../../src/domain/role.ts'
import { RoleSettingsChange } from '../../src/domain/role-settings.ts'
import { SettingsReview } from '../../src/domain/settings-change.ts'
import { json, type Route, route } from '../route.ts'
import { Paging, paged, SettingsChangeId } from './parts.ts'

const Where = z.strictObject({ provider: roleFields.provider, scope: roleFields.scope })

const WAITS = 'It waits for a second person; nothing is different until then.'

/** Throws 400 for a role and a scope that do not go together. */
function roleOf(params: { roleDefinitionId: string }, { provider, scope }: z.infer<typeof Where>): Role {
  const role = { provider, roleDefinitionId: params.roleDefinitionId, scope }
  const faults: { code: string; target: string; message: string }[] = []
  rightForProvider(role, {
    addIssue: ({ path, message }) => faults.push({ code: 'InvalidValue', target: path.join('.'), message }),
  })
  const [first] = faults
  if (first) throw new Refused(400, 'BadRequest', `${first.target}: ${first.message}`, { details: faults })
  return role
}

const statusOf = ({ outcome }: { outcome: string }) => (outcome === 'pending' ? 202 : 200)

export const roleSettings: Route[] = [
  route({
    name: 'rolesList',
    methods: ['GET'],
    path: 'roles',
    who: 'user',
    summary:
      'The roles of the tenant, or of Azure at a scope; of a group those of its members and its owners.',
    answers: {
      200: { description: 'All role definitions.', body: z.object({ value: z.array(DefinitionAnswer) }) },
    },
    query: Where,
    async handle({ ports, query }) {
      return json(200, { value: await listRoles(ports, query) })
    },
  }),
  route({
    name: 'roleSettingsGet',
    methods: ['GET'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'user',
    summary: 'What a role asks of those who activate it: the seventeen rules, and where each comes from.',
    params: z.object({ roleDefinitionId: RoleId }),
    query: Where,
    answers: { 200: { description: 'The settings.', body: SettingsAnswer } },
    async handle({ ports, params, query }) {
      return json(200, await settingsAnswer(ports, await getRoleSettings(ports, roleOf(params, query))))
    },
  }),
  route({
    name: 'roleSettingsChange',
    methods: ['PATCH'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'user',
    summary: 'Change rules of a role at exactly this scope, whole rules at a time; the others stay.',
    params: z.object({ roleDefinitionId: RoleId }),
    query: Where,
    body: RoleSettingsChange,
    answers: {
      200: {
        description: 'The settings as they are now; of a dry run also who gains and who loses.',
        body: ChangedAnswer,
      },
      202: { description: WAITS, body: ChangedAnswer },
    },
    async handle({ ports, caller, params, query, body }) {
      const changed = await changeRoleSettings(ports, caller, roleOf(params, query), body)
      return json(statusOf(changed), await changedAnswer(ports, changed))
    },
  }),
  route({
    name: 'roleSettingsReset',
    methods: ['DELETE'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'user',
    summary: 'Set nothing at exactly this scope any more: what is inherited holds, or the defaults.',
    params: z.object({ roleDefinitionId: RoleId }),
    query: Where,
    answers: {
      200: { description: 'The settings as they are now.', body: ChangedAnswer },
      202: { description: WAITS, body: ChangedAnswer },
    },
    async handle({ ports, caller, params, query }) {
      const how = { isValidationOnly: false }
      const changed = await resetRoleSettings(ports, caller, roleOf(params, query), how)
      return json(statusOf(changed), await changedAnswer(ports, changed))
    },
  }),
  route({
    name: 'settingsChangesList',
    methods: ['GET'],
    path: 'settings-changes',
    who: 'user',
    summary: 'Changes of settings that wait for a second person, the oldest first.',
    query: z.strictObject(Paging),
    answers: { 200: { description: 'A page of changes.', body: pageOf(SettingsChangeAnswer) } },
    async handle({ app, ports, caller, query, request }) {
      return paged(app, request, query, 'settings-changes', settingsChangeAnswer, (page) =>
        listSettingsChanges(ports, caller, page),
      )
    },
  }),
  route({
    name: 'settingsChangesDecide',
    methods: ['POST'],
    path: 'settings-changes/{id}',
    who: 'user',
    summary:
      'Confirm a change of settings that another administrator asked for, turn it down, or take back your own.',
    params: z.object({ id: SettingsChangeId }),
    body: SettingsReview,
    answers: { 200: { description: 'The change as it stands.', body: SettingsChangeAnswer } },
    async handle({ ports, caller, params, body }) {
      return json(200, settingsChangeAnswer(await decideSettingsChange(ports, caller, params.id, body)))
    },
  }),
]

import { z } from 'zod'
import { Refused } from '../../src/api/refused.ts'
import { changeRoleSettings, getRoleSettings, listRoles } from '../../src/api/role-settings.ts'
import type { RoleDescription } from '../../src/domain/role.ts'
import { type Role, RoleId, rightForProvider, roleFields } from '../../src/domain/role.ts'
import { type RoleSettings, RoleSettingsChange, Rule } from '../../src/domain/role-settings.ts'
import { json, type Route, route } from '../route.ts'

const Definition = z.object({
  id: z.string(),
  displayName: z.string(),
  isBuiltIn: z.boolean(),
  isEnabled: z.boolean(),
  isPrivileged: z.boolean(),
})

const SettingsAnswer = z
  .object({
    roleDefinition: Definition,
    version: z.number().int().meta({ description: "Counts the changes; 0 are Microsoft's defaults." }),
    lastModifiedDateTime: z.iso.datetime().nullable(),
    lastModifiedBy: z.object({ id: z.string(), displayName: z.string() }).nullable(),
    rules: z.array(Rule),
  })
  .meta({ id: 'RoleSettings' })

function settingsAnswer({ definition, settings }: { definition: RoleDescription; settings: RoleSettings }) {
  const { role: _, ...rest } = settings
  const { refusal: __, ...roleDefinition } = definition
  return { roleDefinition, ...rest }
}

const Where = z.strictObject({ provider: roleFields.provider, scope: roleFields.scope })

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

export const roleSettings: Route[] = [
  route({
    name: 'rolesList',
    methods: ['GET'],
    path: 'roles',
    who: 'user',
    summary: 'The roles of the tenant; of a group those of its members and its owners.',
    answers: {
      200: { description: 'All role definitions.', body: z.object({ value: z.array(Definition) }) },
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
    summary: 'What a role asks of those who activate it: the seventeen rules.',
    params: z.object({ roleDefinitionId: RoleId }),
    query: Where,
    answers: { 200: { description: 'The settings.', body: SettingsAnswer } },
    async handle({ ports, params, query }) {
      return json(200, settingsAnswer(await getRoleSettings(ports, roleOf(params, query))))
    },
  }),
  route({
    name: 'roleSettingsChange',
    methods: ['PATCH'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'user',
    summary: 'Change rules of a role, whole rules at a time; the others stay.',
    params: z.object({ roleDefinitionId: RoleId }),
    query: Where,
    body: RoleSettingsChange,
    answers: { 200: { description: 'The settings as they are now.', body: SettingsAnswer } },
    async handle({ ports, caller, params, query, body }) {
      return json(200, settingsAnswer(await changeRoleSettings(ports, caller, roleOf(params, query), body)))
    },
  }),
]

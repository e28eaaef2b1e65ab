import { z } from 'zod'
import { changeRoleSettings, getRoleSettings } from '../../src/api/role-settings.ts'
import type { RoleDefinition } from '../../src/domain/role.ts'
import { Guid } from '../../src/domain/role.ts'
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

function settingsAnswer({ definition, settings }: { definition: RoleDefinition; settings: RoleSettings }) {
  const { role: _, ...rest } = settings
  return { roleDefinition: definition, ...rest }
}

export const roleSettings: Route[] = [
  route({
    name: 'rolesList',
    methods: ['GET'],
    path: 'roles',
    who: 'user',
    summary: 'The roles of the tenant.',
    answers: {
      200: { description: 'All role definitions.', body: z.object({ value: z.array(Definition) }) },
    },
    async handle({ ports }) {
      return json(200, { value: await ports.directory.roleDefinitions() })
    },
  }),
  route({
    name: 'roleSettingsGet',
    methods: ['GET'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'user',
    summary: 'What a role asks of those who activate it: the seventeen rules.',
    params: z.object({ roleDefinitionId: Guid }),
    answers: { 200: { description: 'The settings.', body: SettingsAnswer } },
    async handle({ ports, params }) {
      return json(200, settingsAnswer(await getRoleSettings(ports, params.roleDefinitionId)))
    },
  }),
  route({
    name: 'roleSettingsChange',
    methods: ['PATCH'],
    path: 'roles/{roleDefinitionId}/settings',
    who: 'administrator',
    summary: 'Change rules of a role, whole rules at a time; the others stay.',
    params: z.object({ roleDefinitionId: Guid }),
    body: RoleSettingsChange,
    answers: { 200: { description: 'The settings as they are now.', body: SettingsAnswer } },
    async handle({ ports, caller, params, body }) {
      return json(200, settingsAnswer(await changeRoleSettings(ports, caller, params.roleDefinitionId, body)))
    },
  }),
]

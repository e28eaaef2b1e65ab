import { z } from 'zod'
import type { Role } from '../domain/role.ts'
import { Rule } from '../domain/role-settings.ts'
import { RULE_IDS } from '../domain/rules.ts'
import type { SettingsChange } from '../domain/settings-change.ts'
import { driftFrom, type Tier } from '../domain/tier.ts'
import type { Ports } from '../ports.ts'
import { person } from './answer-parts.ts'
import type { Changed, Described } from './role-settings.ts'
import type { Applied } from './tiers.ts'

/** What callers get about settings: each shape once, for the answer and the OpenAPI document alike. */
const role = z.object({ provider: z.string(), roleDefinitionId: z.string(), scope: z.string() })
const ruleId = z.enum(RULE_IDS)

export const DefinitionAnswer = z.object({
  id: z.string(),
  displayName: z.string(),
  isBuiltIn: z.boolean(),
  isEnabled: z.boolean(),
  isPrivileged: z.boolean(),
})

export const SettingsAnswer = z
  .object({
    roleDefinition: DefinitionAnswer,
    version: z
      .number()
      .int()
      .meta({ description: "Counts the changes, at scopes above too; 0 are Microsoft's defaults." }),
    lastModifiedDateTime: z.iso.datetime().nullable(),
    lastModifiedBy: person.nullable(),
    rules: z.array(Rule).meta({ description: 'All seventeen, as they are in force at this scope.' }),
    ownRules: z.array(Rule).meta({ description: 'Those that are set at exactly this scope.' }),
    origins: z
      .array(
        z.object({
          id: ruleId,
          from: z.enum(['own', 'inherited', 'default']),
          scope: z.string().nullable(),
        }),
      )
      .meta({ description: 'Where each rule in force comes from: the nearest scope that sets it.' }),
    tier: z
      .object({
        name: z.string(),
        version: z.number().int().meta({ description: 'As it was when it was applied.' }),
        driftedRules: z
          .array(ruleId)
          .meta({ description: 'Rules that are not as the tier says now. All of them if the tier is gone.' }),
        isOutdated: z.boolean().meta({ description: 'The tier has changed since, or is gone.' }),
      })
      .nullable(),
    pendingChangeId: z.string().nullable().meta({ description: 'A change that waits for a second person.' }),
  })
  .meta({ id: 'RoleSettings' })

/** The settings as callers see them. Looks the tier up where one was applied. */
export async function settingsAnswer(
  ports: Pick<Ports, 'tiers'>,
  { definition, settings }: Described,
): Promise<z.infer<typeof SettingsAnswer>> {
  const { own, rules, origins, version } = settings
  const { refusal: _, scopeName: __, ...roleDefinition } = definition
  return {
    roleDefinition,
    version,
    lastModifiedDateTime: own.lastModifiedDateTime,
    lastModifiedBy: own.lastModifiedBy,
    rules,
    ownRules: own.rules,
    origins,
    tier: own.tier ? await tierOf(ports, settings, own.tier) : null,
    pendingChangeId: own.pendingChangeId ?? null,
  }
}

async function tierOf(
  { tiers }: Pick<Ports, 'tiers'>,
  { own }: Described['settings'],
  applied: { name: string; version: number },
) {
  const tier = (await tiers.read(applied.name))?.value
  if (!tier || tier.isRemoved) return { ...applied, driftedRules: [], isOutdated: true }
  const { rules, isOutdated } = driftFrom(tier, own)
  return { ...applied, driftedRules: rules, isOutdated }
}

const Approver = z.object({ '@odata.type': z.string() }).loose()

const EffectAnswer = z
  .object({
    rules: z.array(ruleId),
    differences: z.array(
      z.object({
        what: z.string(),
        effect: z.enum(['harder', 'easier', 'other']),
        from: z.string(),
        to: z.string(),
      }),
    ),
    approvers: z.object({ gain: z.array(Approver), lose: z.array(Approver) }),
    principals: z.array(
      z.object({
        id: z.string(),
        type: z.enum(['User', 'Group']),
        displayName: z.string(),
        harder: z.array(z.string()),
        easier: z.array(z.string()),
        isBlocked: z.boolean().meta({ description: 'Nobody but they themselves could approve.' }),
      }),
    ),
    requests: z.array(
      z.object({
        id: z.string(),
        principalId: z.string(),
        displayName: z.string(),
        outcome: z.enum(['refused', 'undecidable']),
        reasons: z.array(z.string()),
      }),
    ),
    isComplete: z.boolean().meta({ description: 'False: more are eligible than were looked at.' }),
  })
  .meta({ id: 'SettingsEffect' })

const outcome = z.enum(['changed', 'unchanged', 'pending', 'validated'])

export const ChangedAnswer = SettingsAnswer.extend({
  outcome,
  changeId: z.string().nullable().meta({ description: 'What a second person has to confirm.' }),
  effect: EffectAnswer.nullable().meta({ description: 'With isValidationOnly: who gains and who loses.' }),
}).meta({ id: 'RoleSettingsChanged' })

export async function changedAnswer(ports: Pick<Ports, 'tiers'>, changed: Changed) {
  const { outcome, changeId, effect } = changed
  return { ...(await settingsAnswer(ports, changed)), outcome, changeId, effect }
}

export const SettingsChangeAnswer = z
  .object({
    id: z.string(),
    role,
    roleName: z.string(),
    scopeName: z.string(),
    status: z.enum(['Pending', 'Applied', 'Denied', 'Canceled']),
    basedOn: z.number().int(),
    rules: z.array(Rule).meta({ description: 'All that would be set at this scope.' }),
    tier: z.object({ name: z.string(), version: z.number().int() }).nullable(),
    justification: z.string().nullable(),
    requestedBy: person,
    requestedDateTime: z.iso.datetime(),
    decidedBy: person.nullable(),
    decidedDateTime: z.iso.datetime().nullable(),
  })
  .meta({ id: 'RoleSettingsChange' })

export const settingsChangeAnswer = (change: SettingsChange) => ({ ...change, tier: change.tier ?? null })

export const TierAnswer = z
  .object({
    name: z.string(),
    displayName: z.string(),
    description: z.string(),
    version: z.number().int(),
    rules: z.array(Rule),
    lastModifiedDateTime: z.iso.datetime(),
    lastModifiedBy: person,
  })
  .meta({ id: 'Tier' })

export const tierAnswer = ({ isRemoved: _, ...tier }: Tier) => tier

export const AppliedAnswer = z.object({
  value: z.array(
    z.object({
      role,
      outcome: z.enum([...outcome.options, 'refused']),
      changeId: z.string().nullable(),
      effect: EffectAnswer.nullable(),
      error: z
        .object({
          code: z.string(),
          message: z.string(),
          details: z.array(z.object({ code: z.string(), target: z.string(), message: z.string() })),
        })
        .nullable(),
    }),
  ),
})

export function appliedAnswer(each: Applied): {
  role: Role
  outcome: string
  changeId: string | null
  effect: unknown
  error: unknown
} {
  if ('refused' in each) {
    const { code, message, details } = each.refused
    return {
      role: each.role,
      outcome: 'refused',
      changeId: null,
      effect: null,
      error: { code, message, details },
    }
  }
  const { outcome, changeId, effect } = each.changed
  return { role: each.role, outcome, changeId, effect, error: null }
}

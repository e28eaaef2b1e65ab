import { z } from 'zod'
import { defaultRules } from './default-rules.ts'
import type { Actor } from './person.ts'
import type { Role } from './role.ts'
import { RULE_IDS, type Rule, type RuleId, SentRule } from './rules.ts'
import { text } from './text.ts'

export { Approver } from './approver.ts'
// One door for who wants to know what a role asks for.
export { defaultRules } from './default-rules.ts'
export { type Demands, demandsOf } from './demands.ts'
export { rulesFaults } from './rule-faults.ts'
export { Rule } from './rules.ts'

/** Rules as they are sent or kept: some of the seventeen, each once. */
export const Rules = z
  .array(SentRule)
  .max(17)
  .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, {
    message: 'must name each rule once',
  })

/** What tiers are called: part of an address and of a table's key. */
export const TierName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens')

/** What an administrator sends: the rules to change, whole, and those to be inherited again; the others stay. */
export const RoleSettingsChange = z
  .strictObject({
    rules: Rules.default([]),
    inherit: z.array(z.enum(RULE_IDS)).max(17).default([]).meta({
      description: 'Rules that are not to be set here any more: what is inherited holds, or the default.',
    }),
    tier: TierName.nullish().meta({
      description: 'The tier to apply before these rules, as it is now; null: it follows none any more.',
    }),
    justification: text(1000).nullish(),
    isValidationOnly: z.boolean().default(false),
  })
  .refine(({ rules, inherit, tier }) => rules.length + inherit.length > 0 || tier !== undefined, {
    message: 'must change something',
  })
  .refine(({ rules, inherit }) => !rules.some(({ id }) => inherit.includes(id)), {
    message: 'must not both set a rule and inherit it',
  })
export type RoleSettingsChange = z.infer<typeof RoleSettingsChange>

/** What was set for one role at one scope. `version` counts its changes; 0: never changed here. */
export type RoleSettings = {
  role: Role
  version: number
  /** Only what was set here. The others come from a scope above (Azure), or are Microsoft's defaults. */
  rules: Rule[]
  lastModifiedDateTime: string | null
  lastModifiedBy: Actor | null
  /** The tier that was applied last, in the version that it had then. */
  tier?: { name: string; version: number } | null
  /** A change that waits for a second person. */
  pendingChangeId?: string | null
}

export const neverChanged = (role: Role): RoleSettings => ({
  role,
  version: 0,
  rules: [],
  lastModifiedDateTime: null,
  lastModifiedBy: null,
})

/**
 * Where a role's settings are kept: of a directory role one set for the tenant, at whatever scope it is activated; of a group
 * one for its members and one for its owners; of an Azure role one for each scope.
 */
export const settingsRole = ({ provider, roleDefinitionId, scope }: Role): Role => ({
  provider,
  roleDefinitionId,
  scope: provider === 'directory' ? '/' : scope,
})

/** Where a rule in force comes from: set at this very scope, at one above, or Microsoft's default (no scope). */
export type RuleOrigin = { id: RuleId; from: 'own' | 'inherited' | 'default'; scope: string | null }

/** What is in force for a role at a scope: all seventeen rules, and where each comes from. */
export type EffectiveSettings = {
  role: Role
  /** Counts every change at this scope and at those above: any of them makes another version. */
  version: number
  rules: Rule[]
  origins: RuleOrigin[]
  own: RoleSettings
  /** What was set at the scopes above, the nearest first. */
  above: readonly RoleSettings[]
}

/** Rule by rule, the nearest scope that sets it wins. `levels`: what was set at this scope first, then above it. */
export function effective(own: RoleSettings, above: readonly RoleSettings[] = []): EffectiveSettings {
  const levels = [own, ...above]
  const found = defaultRules(own.role.provider).map((standard): { rule: Rule; origin: RuleOrigin } => {
    for (const level of levels) {
      const rule = level.rules.find(({ id }) => id === standard.id)
      const from = level === own ? ('own' as const) : ('inherited' as const)
      if (rule) return { rule, origin: { id: standard.id, from, scope: level.role.scope } }
    }
    return { rule: standard, origin: { id: standard.id, from: 'default', scope: null } }
  })
  return {
    role: own.role,
    version: levels.reduce((sum, { version }) => sum + version, 0),
    rules: found.map(({ rule }) => rule),
    origins: found.map(({ origin }) => origin),
    own,
    above,
  }
}

/** What is set after a change: whole rules are replaced by id or added, in Microsoft's order; some are inherited again. */
export function changedRules(
  rules: readonly Rule[],
  change: readonly Rule[],
  inherit: readonly RuleId[] = [],
): Rule[] {
  return RULE_IDS.flatMap((id) => {
    if (inherit.includes(id)) return []
    const rule = [...change, ...rules].find((each) => each.id === id)
    return rule ? [rule] : []
  })
}

/** The ids of the rules in which two sets differ. */
export function differingRules(one: readonly Rule[], other: readonly Rule[]): RuleId[] {
  const textOf = (rules: readonly Rule[], id: RuleId) => canonical(rules.find((rule) => rule.id === id))
  return RULE_IDS.filter((id) => textOf(one, id) !== textOf(other, id))
}

/** The order of fields does not matter, nor whether what is absent is said to be null. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, each]) => each !== null && each !== undefined)
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, each]) => `${name}:${canonical(each)}`)
    .join()}}`
}

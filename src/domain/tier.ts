import { z } from 'zod'
import { defaultRules } from './default-rules.ts'
import type { Actor } from './person.ts'
import type { Role } from './role.ts'
import { Provider, rightForProvider, roleFields } from './role.ts'
import { changedRules, differingRules, type RoleSettings, Rules } from './role-settings.ts'
import { type RuleFault, rulesFaults } from './rule-faults.ts'
import type { RuleId } from './rules.ts'
import { text } from './text.ts'

/** What an administrator sends: a set of rules under a name, for many roles. Rules that it leaves out are each role's own. */
export const TierBody = z.strictObject({
  displayName: text(100).default(''),
  description: text(1000).default(''),
  rules: Rules.min(1),
})
export type TierBody = z.infer<typeof TierBody>

/** To which roles a tier is applied, or would be. */
export const TierApplication = z.strictObject({
  roles: z.array(z.strictObject(roleFields).superRefine(rightForProvider)).min(1).max(50),
  justification: text(1000).nullish(),
  isValidationOnly: z.boolean().default(false),
})
export type TierApplication = z.infer<typeof TierApplication>

export type Tier = TierBody & {
  name: string
  version: number
  /** Taken back: not listed and not applied any more; its name and the count of its versions stay. */
  isRemoved: boolean
  lastModifiedDateTime: string
  lastModifiedBy: Actor
}

/** The guid in whose partition tiers are kept, since they belong to no role. */
export const TIERS = '00000000-0000-0000-0000-000000000000'
/** What the audit trail names where an event is about a tier, not about a role. */
export const TIERS_ROLE: Role = { provider: 'directory', roleDefinitionId: TIERS, scope: '/' }

/** Why the rules of a tier cannot stand, by themselves, for any kind of role. */
export function tierFaults({ rules }: Pick<TierBody, 'rules'>): RuleFault[] {
  const found = Provider.options.flatMap((provider) =>
    rulesFaults(changedRules(defaultRules(provider), rules)),
  )
  return [...new Map(found.map((fault) => [`${fault.code} ${fault.target}`, fault])).values()]
}

/** In which of its rules a role is not as its tier is now; and whether it has ever been given this version. */
export function driftFrom(
  tier: Tier,
  { rules, tier: applied }: RoleSettings,
): { rules: RuleId[]; isOutdated: boolean } {
  return {
    rules: differingRules(rules, changedRules(rules, tier.rules)),
    isOutdated: applied?.name !== tier.name || applied.version !== tier.version,
  }
}

import { z } from 'zod'
import { NewEligibility } from './eligibility.ts'
import { rightForProvider, roleFields, roleKey } from './role.ts'
import { changedRules, defaultRules, type Rule, Rules, settingsRole, TierName } from './role-settings.ts'
import { rulesFaults } from './rule-faults.ts'
import { TierBody, tierFaults } from './tier.ts'

const RolePolicy = z
  .strictObject({
    ...roleFields,
    tier: TierName.optional().meta({ description: 'One of this file; its rules come first.' }),
    rules: Rules.default([]).meta({ description: 'Whole rules, over those of the tier.' }),
  })
  .superRefine(rightForProvider)
export type RolePolicy = z.infer<typeof RolePolicy>

/**
 * Policy as a file: what is to be set, whole. A role that is named has the rules of its tier and its own, and sets no others; roles
 * that are not named stay as they are.
 */
export const PolicyFile = z.strictObject({
  $schema: z.string().optional(),
  tiers: z.record(TierName, TierBody).default({}),
  settings: z.array(RolePolicy).max(1000).default([]),
  eligibilities: z.array(NewEligibility).max(5000).default([]),
  removeOtherEligibilities: z.boolean().default(false).meta({
    description: 'Also remove whoever else is eligible for a role that this file names eligibilities of.',
  }),
})
export type PolicyFile = z.infer<typeof PolicyFile>

export type PolicyFault = { code: string; path: string; message: string }

/** Only a tier of the file's own: every object knows what a `constructor` is. */
const tierOf = ({ tiers }: PolicyFile, name: string) => (Object.hasOwn(tiers, name) ? tiers[name] : undefined)

/** Everything that a role of the file is to set at its scope. */
export function rulesOf(file: PolicyFile, { tier, rules }: RolePolicy): Rule[] {
  return changedRules(tier === undefined ? [] : (tierOf(file, tier)?.rules ?? []), rules)
}

/** Why a file cannot be applied, as far as it shows by itself: the same rules and codes as the API's. */
export function policyFaults(file: PolicyFile): PolicyFault[] {
  const faults: PolicyFault[] = Object.entries(file.tiers).flatMap(([name, tier]) =>
    tierFaults(tier).map(({ code, target, message }) => ({ code, path: `tiers.${name}.${target}`, message })),
  )
  const roles = new Set<string>()
  file.settings.forEach((role, index) => {
    const path = `settings.${index}`
    const key = roleKey(settingsRole(role))
    if (roles.has(key)) faults.push({ code: 'InvalidPolicy', path, message: 'This role is there twice.' })
    roles.add(key)
    if (role.tier !== undefined && !tierOf(file, role.tier))
      faults.push({
        code: 'InputPolicyNotFound',
        path: `${path}.tier`,
        message: `There is no tier ${role.tier} in this file.`,
      })
    for (const { code, target, message } of rulesFaults(
      changedRules(defaultRules(role.provider), rulesOf(file, role)),
    ))
      faults.push({ code, path: `${path}.${target}`, message })
  })
  const eligible = new Set<string>()
  file.eligibilities.forEach((eligibility, index) => {
    const key = `${roleKey(eligibility)} ${eligibility.principalId}`
    if (eligible.has(key))
      faults.push({
        code: 'RoleAssignmentExists',
        path: `eligibilities.${index}`,
        message: 'This principal is made eligible for this role twice.',
      })
    eligible.add(key)
  })
  return faults
}

import { z } from 'zod'
import type { Actor } from './person.ts'
import { type Role, titleOf } from './role.ts'
import type { RoleSettings, Rule } from './role-settings.ts'
import { text } from './text.ts'

/** A change of settings that one administrator asked for and another has to confirm. Kept when it is decided. */
export type SettingsChange = {
  id: string
  role: Role
  roleName: string
  scopeName: string
  status: 'Pending' | 'Applied' | 'Denied' | 'Canceled'
  /** What was set when it was asked for: of this version. If that has changed since, it is not applied any more. */
  basedOn: number
  /** All that would be set here from then on. */
  rules: Rule[]
  tier: RoleSettings['tier']
  justification: string | null
  requestedBy: Actor
  requestedDateTime: string
  decidedBy: Actor | null
  decidedDateTime: string | null
}

/** The role whose settings they are, in words: of a group whose member or owner. */
export const titleOfChange = ({
  role: { provider },
  ...names
}: Pick<SettingsChange, 'role' | 'roleName' | 'scopeName'>) => titleOf({ provider, ...names })

/** What a second person says to it; who asked for it may take it back with `Deny`. */
export const SettingsReview = z.strictObject({
  reviewResult: z.enum(['Approve', 'Deny']),
  justification: text(1000).nullish(),
})
export type SettingsReview = z.infer<typeof SettingsReview>

/** Under this key the changes are listed that wait for somebody. */
export const AWAITS_SECOND_PERSON = 'settings-changes'

import { demandContext, justificationDenials } from './activation.ts'
import type { Ask } from './ask.ts'
import type { Denial } from './denial.ts'
import type { EligibilityWindow } from './eligibility.ts'
import type { Proof } from './person.ts'
import type { RoleSettings } from './role-settings.ts'
import { durationMillis, inWords, later } from './schedule.ts'
import { ticketDenials } from './ticket-denials.ts'

/** What a role's settings ask of those who assign it. */
export type AssigningDemands = {
  version: number
  isExpirationRequired: boolean
  maximumDuration: string
  justification: boolean
  ticket: boolean
  mfa: boolean
}

/** Reads the two rules of what is assigned: eligibilities, or active assignments. */
export function assigningDemandsOf(
  { version, rules }: Pick<RoleSettings, 'version' | 'rules'>,
  what: 'Eligibility' | 'Assignment',
): AssigningDemands {
  const expiration = rules.find((rule) => rule.id === `Expiration_Admin_${what}`)
  const enablement = rules.find((rule) => rule.id === `Enablement_Admin_${what}`)
  if (!expiration || !('maximumDuration' in expiration) || !enablement || !('enabledRules' in enablement))
    throw new Error(`The rules of ${what} are missing from the settings.`)
  return {
    version,
    isExpirationRequired: expiration.isExpirationRequired,
    maximumDuration: expiration.maximumDuration,
    justification: enablement.enabledRules.includes('Justification'),
    ticket: enablement.enabledRules.includes('Ticketing'),
    mfa: enablement.enabledRules.includes('MultiFactorAuthentication'),
  }
}

/** For how long it is assigned: for good only where that is allowed, and counted from now where the start is past. */
export function expirationDenials(
  { startDateTime, endDateTime }: EligibilityWindow,
  { isExpirationRequired, maximumDuration }: AssigningDemands,
  now: Date,
): Denial[] {
  if (!isExpirationRequired) return []
  const target = 'scheduleInfo.expiration'
  const longest = inWords(durationMillis(maximumDuration, now))
  if (endDateTime === null)
    return [
      {
        rule: 'ExpirationRule',
        target,
        message: `Nothing is permanent for this role: at most ${maximumDuration} (${longest}).`,
      },
    ]
  const start = later(new Date(startDateTime), now)
  const length = Date.parse(endDateTime) - start.getTime()
  if (length <= durationMillis(maximumDuration, start)) return []
  return [
    {
      rule: 'ExpirationRule',
      target,
      message: `At most ${maximumDuration} (${longest}) for this role; ${inWords(length)} asked for.`,
    },
  ]
}

/** Every reason why this person may not assign it like this; empty: go ahead. */
export function assigningDenials(
  ask: Pick<Ask, 'justification' | 'ticketInfo'> & { window: EligibilityWindow },
  c: { now: Date; demands: AssigningDemands; proof: Proof; mfaContext: string | null },
): Denial[] {
  return [
    ...expirationDenials(ask.window, c.demands, c.now),
    ...justificationDenials(ask, c),
    ...ticketDenials(ask, c),
    ...mfaDenials(c),
  ]
}

function mfaDenials({
  demands,
  proof,
  mfaContext,
}: {
  demands: AssigningDemands
  proof: Proof
  mfaContext: string | null
}): Denial[] {
  if (!demands.mfa || proof.mfa || (mfaContext && proof.contexts.includes(mfaContext))) return []
  return [
    {
      rule: 'MfaRule',
      target: 'authorization',
      message: 'Sign in again with a second factor: this role asks for it of those who assign it.',
      claims: mfaContext ? demandContext(mfaContext) : '{"access_token":{"amr":{"values":["mfa"]}}}',
    },
  ]
}

import { z } from 'zod'
import type { Actor } from './person.ts'
import { Guid } from './role.ts'
import { Instant } from './schedule.ts'
import { text } from './text.ts'

/** What somebody sends who will be away: who approves in their place, and from when to when. */
export const DelegationBody = z.strictObject({
  delegateId: Guid,
  startDateTime: Instant.nullish().meta({ description: 'Left out: from now on.' }),
  endDateTime: Instant,
  justification: text(1000).nullish(),
})
export type DelegationBody = z.infer<typeof DelegationBody>

/**
 * While it lasts the delegate may decide what the delegator is asked to, in the delegator's place and in plain sight. It gives no
 * more than that: not further on, and never over a request of either of them.
 */
export type Delegation = {
  id: string
  delegator: Actor
  delegate: Actor
  startDateTime: string
  endDateTime: string
  justification: string | null
  createdDateTime: string
  /** Taken back before its end; null: it was not. */
  revokedDateTime: string | null
}

export const isInForce = ({ startDateTime, endDateTime, revokedDateTime }: Delegation, now: Date) =>
  revokedDateTime === null && new Date(startDateTime) <= now && now < new Date(endDateTime)

export const LONGEST_DELEGATION = 'P366D'
/** More than anybody needs; a bound. */
export const MOST_DELEGATIONS = 20

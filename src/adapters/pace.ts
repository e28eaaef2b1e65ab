/** How many mails the service takes: https://learn.microsoft.com/azure/communication-services/concepts/service-limits */
export type Quota = { perMinute: number; perHour: number }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** What can wait may use so much of the quota; the rest is kept for what cannot. */
const SHARE_OF_WHAT_CAN_WAIT = 0.8

/**
 * Keeps to a quota, within this process: several of them may still send more than it together, and then the service says so,
 * which is kept to as well.
 */
export function pace({ perMinute, perHour }: Quota, now: () => number) {
  let sent: number[] = []
  let closedUntil = 0

  /** The instant from which one more fits into the last `span`; 0: now. */
  function fits(most: number, span: number, isPressing: boolean): number {
    const share = isPressing ? most : Math.max(1, Math.floor(most * SHARE_OF_WHAT_CAN_WAIT))
    const inSpan = sent.filter((at) => at > now() - span)
    const inTheWay = inSpan.at(-share)
    return inTheWay === undefined ? 0 : inTheWay + span
  }

  return {
    /** When the next mail may go; undefined: now. */
    opensAt(isPressing: boolean): number | undefined {
      sent = sent.filter((at) => at > now() - HOUR && at <= now()) // a clock set back must not close it for longer
      const at = Math.max(closedUntil, fits(perMinute, MINUTE, isPressing), fits(perHour, HOUR, isPressing))
      return at > now() ? at : undefined
    },
    /** One goes out now. */
    count(): void {
      sent.push(now())
    },
    /** The service has said for how long it takes no more. */
    closeFor(seconds: number): void {
      closedUntil = Math.max(closedUntil, now() + seconds * 1000)
    },
  }
}

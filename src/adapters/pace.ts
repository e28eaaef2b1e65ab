/** How many mails the service takes: https://learn.microsoft.com/azure/communication-services/concepts/service-limits */
export type Quota = { perMinute: number; perHour: number }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** What can wait may use so much of the quota; the rest is kept for what cannot. */
const SHARE_OF_WHAT_CAN_WAIT = 0.8
/** So much of an hour one person's doing may use as what cannot wait; beyond that it waits like the rest, and others come through. */
const SHARE_OF_ONE = 0.25

/**
 * Keeps to a quota, within this process: several of them may still send more than it together, and then the service says so,
 * which is kept to as well.
 */
export function pace({ perMinute, perHour }: Quota, now: () => number) {
  type Sent = { at: number; causedBy: string | undefined }
  let sent: Sent[] = []
  let closedUntil = 0

  /** The instant from which one more fits into the last `span`; 0: now. */
  function fits(most: number, span: number, isPressing: boolean): number {
    const share = isPressing ? most : Math.max(1, Math.floor(most * SHARE_OF_WHAT_CAN_WAIT))
    const inSpan = sent.filter(({ at }) => at > now() - span)
    const inTheWay = inSpan.at(-share)
    return inTheWay === undefined ? 0 : inTheWay.at + span
  }

  /** Nobody can use up what is kept for what cannot wait, by asking and withdrawing and asking again. */
  const hasUsedMuch = (causedBy: string | undefined) =>
    causedBy !== undefined &&
    sent.filter((each) => each.causedBy === causedBy).length >=
      Math.max(1, Math.floor(perHour * SHARE_OF_ONE))

  return {
    /** When the next mail may go; undefined: now. `causedBy`: whose doing it is, where anybody may do it as often as they like. */
    opensAt(isPressing: boolean, causedBy?: string): number | undefined {
      sent = sent.filter(({ at }) => at > now() - HOUR && at <= now()) // a clock set back must not close it for longer
      const isFirst = isPressing && !hasUsedMuch(causedBy)
      const at = Math.max(closedUntil, fits(perMinute, MINUTE, isFirst), fits(perHour, HOUR, isFirst))
      return at > now() ? at : undefined
    },
    /** One goes out now. What is answered takes that back: it did not go out. */
    count(causedBy?: string): () => void {
      const one = { at: now(), causedBy }
      sent.push(one)
      return () => {
        sent = sent.filter((each) => each !== one)
      }
    },
    /** The service has said for how long it takes no more. */
    closeFor(seconds: number): void {
      closedUntil = Math.max(closedUntil, now() + seconds * 1000)
    },
  }
}

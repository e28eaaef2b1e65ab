import { madeAt } from '../domain/ids.ts'
import { UNLISTED } from '../domain/open-work.ts'
import { MINUTE } from '../domain/schedule.ts'
import type { DueRow, Ports } from '../ports.ts'

/**
 * Whoever listed it may be slow, and about to write: longer than any invocation lives, the list is believed. `since`: when they may
 * have begun; of what is listed once that is when it was made.
 */
export async function unlistIfOld(
  { views, now }: Ports,
  listed: DueRow,
  since: Date | undefined = madeAt(listed.subjectId),
): Promise<void> {
  if (since && now().getTime() - since.getTime() > OLDER_THAN_ANY_INVOCATION)
    await views.list(listed.subjectId, UNLISTED, listed)
}

const OLDER_THAN_ANY_INVOCATION = 10 * MINUTE

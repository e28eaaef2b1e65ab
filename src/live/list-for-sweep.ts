import { UNLISTED } from '../domain/open-work.ts'
import { MINUTE, plus } from '../domain/schedule.ts'
import type { Ports } from '../ports.ts'

/** Before the truth: a minute later the sweep sees to it that the lists and the index agree with it, and that it was told. */
export async function listForSweep(
  { views, now }: Pick<Ports, 'views' | 'now'>,
  subjectId: string,
): Promise<void> {
  await views.list(subjectId, { awaiting: [], due: plus(now(), MINUTE).toISOString() }, UNLISTED)
}

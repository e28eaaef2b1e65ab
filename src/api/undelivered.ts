import { z } from 'zod'
import { subjectOf } from '../domain/notice.ts'
import { aboutOf } from '../domain/undelivered.ts'
import type { Caller, Page, PageOptions, Ports, Undelivered } from '../ports.ts'
import { notFound } from './refused.ts'

export const UndeliveredAnswer = z
  .object({
    id: z.string(),
    givenUpDateTime: z.string(),
    kinds: z.array(z.string()).meta({ description: 'What it tells: docs/notices.md.' }),
    subjectId: z.string().meta({
      description:
        'The request, eligibility, incident or change that it is about; of a digest its week, of a bundle its id.',
    }),
    principal: z.object({ id: z.string(), displayName: z.string() }),
    roleDisplayName: z.string(),
    mails: z.int().nullable().meta({ description: 'How many are still to go out; null: all of them.' }),
  })
  .meta({ id: 'UndeliveredNotice' })

export function undeliveredAnswer({
  id,
  givenUpDateTime,
  notice,
}: Undelivered): z.infer<typeof UndeliveredAnswer> {
  const { principal, role } = aboutOf(notice)
  return {
    id,
    givenUpDateTime,
    kinds: [...notice.kinds],
    subjectId: subjectOf(notice),
    principal,
    roleDisplayName: role.displayName,
    mails: 'left' in notice ? (notice.left?.length ?? null) : null,
  }
}

/** Notices that were given up. */
export const listUndelivered = ({ undelivered }: Ports, page: PageOptions): Promise<Page<Undelivered>> =>
  undelivered.list(page)

/**
 * Into the outbox once more, which asks live whether it is still news and for whom. First sent, then forgotten: who dies in between
 * leaves a notice that may be sent once more, under the same keys.
 */
export async function sendAgain(ports: Ports, caller: Caller, id: string): Promise<Undelivered> {
  const found = await findUndelivered(ports, id)
  await ports.outbox.send(found.notice)
  await ports.undelivered.forget(id)
  ports.log.info('A notice that was given up is sent again.', { undeliveredId: id, by: caller.id })
  return found
}

/** Nobody needs to be told of it any more. The record that it was not delivered stays; what a bundle has gathered does not. */
export async function dismiss(ports: Ports, caller: Caller, id: string): Promise<void> {
  const { notice } = await findUndelivered(ports, id)
  if ('bundle' in notice) await ports.bundles.forget(notice.bundle.id, notice.bundle.n)
  await ports.undelivered.forget(id)
  ports.log.info('A notice that was given up was dismissed.', { undeliveredId: id, by: caller.id })
}

async function findUndelivered({ undelivered }: Ports, id: string): Promise<Undelivered> {
  const found = await undelivered.find(id)
  if (!found) throw notFound('There is no such notice: it was sent again, or dismissed.')
  return found
}

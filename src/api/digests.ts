import { z } from 'zod'
import type { Digest } from '../domain/digest.ts'
import { LISTS } from '../domain/digest.ts'
import { endsOfWeek, weekBefore, weekOf } from '../domain/week.ts'
import { digestOfWeek } from '../live/digest.ts'
import type { Ports } from '../ports.ts'
import { instant, person } from './answer-parts.ts'
import { notFound } from './refused.ts'

const event = z.object({
  id: z.string().meta({ description: 'What it is about: a request, an eligibility, an incident.' }),
  at: instant,
  provider: z.string(),
  title: z.string(),
  who: person,
})
const list = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['activation', 'eligibility', 'assignment', 'moreTime', 'incident']),
      title: z.string(),
      scopeName: z.string(),
      who: person,
      at: instant.meta({ description: 'Since when it waits or was found; when it ends, or should have.' }),
    }),
  ),
  hasMore: z.boolean(),
})

export const DigestAnswer = z
  .object({
    week: z.string(),
    from: instant,
    to: instant,
    asOf: instant.nullable().meta({
      description: 'When the lists were as they are shown; null: only what happened in the week is known.',
    }),
    providers: z.array(
      z.object({
        provider: z.enum(['directory', 'azure', 'group']),
        counts: z.object({
          activated: z.int(),
          permanent: z.int().meta({ description: 'Assigned for good.' }),
          inside: z.int().meta({ description: 'Assigned here, eligible or active.' }),
          outside: z.int().meta({ description: 'Assigned outside.' }),
          breakGlass: z.int(),
        }),
        latest: z.object({
          permanent: z.array(event),
          outside: z.array(event),
          breakGlass: z.array(event),
        }),
        topRoles: z.array(
          z.object({ role: z.string(), title: z.string(), activated: z.int(), inside: z.int() }),
        ),
        lists: z.object(Object.fromEntries(LISTS.map((name) => [name, list.optional()]))),
      }),
    ),
  })
  .meta({ id: 'Digest' })

/**
 * The digest of a week: as it was sent, where it was; else what is counted of it, and with that of the present week, or of the
 * last before it is sent, what stands now.
 */
export async function getDigest(ports: Ports, asked: string): Promise<Digest> {
  const present = weekOf(ports.now(), ports.digestTime.timeZone)
  const week = asked === 'current' ? present : asked
  if (endsOfWeek(week).monday > endsOfWeek(present).monday) throw notFound('This week has not begun.')
  const sent = await ports.digests.find(week)
  return sent ?? digestOfWeek(ports, week, week === present || week === weekBefore(present))
}

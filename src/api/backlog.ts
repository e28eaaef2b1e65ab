import { pastDueKey } from '../domain/open-work.ts'
import { type Backlog, backlogOf } from '../domain/pace.ts'
import type { Ports } from '../ports.ts'

/** Of each provider no more are counted: a number for operators, who look anyway when there are a hundred. */
const MOST_COUNTED = 1000

/** How many have what has ended, as the lists say, and when they will have been removed. */
export async function backlogNow({ views, now }: Pick<Ports, 'views' | 'now'>): Promise<Backlog> {
  const count = async (provider: 'directory' | 'azure' | 'group') =>
    (await views.awaiting(pastDueKey({ provider }), { top: MOST_COUNTED, after: null })).items.length
  const [directory, azure, group] = await Promise.all([count('directory'), count('azure'), count('group')])
  return backlogOf({ directory, azure, group }, now())
}

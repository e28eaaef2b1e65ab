import type { Api } from './client.ts'
import type { Step } from './plan.ts'

/**
 * Each step by itself: one that fails keeps no other from being tried, but those that would give a role what a tier said before. Answers
 * with what to exit with.
 */
export async function apply(api: Api, steps: readonly Step[]): Promise<number> {
  const outcomes: Outcome[] = []
  const asBefore = new Set<string>()
  for (const step of steps) {
    const { tier, ofTier } = step
    const outcome = ofTier !== undefined && asBefore.has(ofTier) ? notTried(step) : await take(api, step)
    if (tier !== undefined && outcome === 'failed') asBefore.add(tier)
    outcomes.push(outcome)
  }
  if (outcomes.includes('failed')) return 1
  return outcomes.includes('waits') ? 2 : 0
}

type Outcome = 'done' | 'waits' | 'failed'

function notTried({ title, ofTier }: Step): 'failed' {
  console.error(`${title}: not tried, as tier ${ofTier} is not as the file says.`)
  return 'failed'
}

async function take(api: Api, { title, calls }: Step): Promise<Outcome> {
  try {
    let waits: string | undefined
    for (const { method, path: to, body } of calls) {
      const answer = await api<{ outcome?: string; changeId?: string } | undefined>(method, to, body)
      if (answer?.outcome === 'pending') waits = answer.changeId
    }
    console.log(waits ? `${title}: waits for a second person (change ${waits})` : `${title}: done`)
    return waits ? 'waits' : 'done'
  } catch (error) {
    console.error(`${title}: failed. ${error instanceof Error ? error.message : error}`)
    return 'failed'
  }
}

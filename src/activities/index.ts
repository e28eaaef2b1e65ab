import type { Ports } from '../ports.ts'
import { advance } from './advance.ts'

export type Activities = ReturnType<typeof createActivities>

/** Every activity, by its name: few and fat, and each safe to repeat, since Durable Functions may, even late. */
export function createActivities(ports: Ports) {
  return {
    /** Does what the request needs now, and says which wait comes next. */
    advanceRequest: (seen: { requestId: string; turn: number }) => advance(ports, seen),
  }
}

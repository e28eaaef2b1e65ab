/** What one person's approval may count for: one of these stages if `once`, else each of them. */
export type Voice = { stages: readonly number[]; once: boolean }

/**
 * Which approvals count for which stage, by their numbers, no stage more than it needs. One that may count for a single stage is
 * moved to another where that makes room, so that no order of answers leaves a stage waiting that all together could fill; and
 * what is filled stays filled whoever comes after.
 */
export function tally(needs: readonly number[], voices: readonly Voice[]): number[][] {
  const counted: number[][] = needs.map(() => [])
  const isFull = (stage: number) => (counted[stage]?.length ?? 0) >= (needs[stage] ?? 0)
  const stagesOf = (voice: number) => voices[voice]?.stages ?? []

  /** Finds room for a voice, moving others out of its way where they have somewhere else to go. */
  const place = (voice: number, stages: readonly number[], seen: Set<number>): boolean => {
    const open = stages.filter((stage) => stage in counted && !seen.has(stage))
    return open.some((stage) => {
      seen.add(stage)
      const room = counted[stage] as number[]
      if (!isFull(stage)) return room.push(voice) > 0
      const moved = room.find((other) => voices[other]?.once && place(other, stagesOf(other), seen))
      if (moved === undefined) return false
      room[room.indexOf(moved)] = voice
      return true
    })
  }
  voices.forEach(({ stages, once }, index) => {
    if (once) place(index, stages, new Set())
    else for (const stage of stages) place(index, [stage], new Set())
  })
  return counted
}

/** Has every stage what it needs? */
export const isFilled = (needs: readonly number[], voices: readonly Voice[]) =>
  tally(needs, voices).every((room, stage) => room.length >= (needs[stage] ?? 0))

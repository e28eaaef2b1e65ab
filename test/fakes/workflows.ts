import type { WorkflowInput, Workflows } from '../../src/ports.ts'

/** Workflows that keep what they are told, for a test to look at and for an engine to act upon. */
export function fakeWorkflows() {
  const started: WorkflowInput[] = []
  const announced: { requestId: string; turn: number }[] = []
  const workflows: Workflows = {
    start: async (input) => {
      if (!started.some(({ requestId }) => requestId === input.requestId)) started.push(input)
    },
    announce: async (requestId, turn) => void announced.push({ requestId, turn }),
  }
  return { workflows, started, announced }
}

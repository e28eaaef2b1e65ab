import { z } from 'zod'
import type { Provider } from './role.ts'
import { text } from './text.ts'

/** Azure's attribute conditions (ABAC): what is given holds only where this is true. Azure itself checks what it says. */
export const conditionFields = {
  condition: text(4000)
    .transform((given) => given.trim() || null)
    .nullish()
    .meta({ description: 'Azure only: the condition of the role assignment, in Azure’s own language.' }),
  conditionVersion: z.literal('2.0').nullish(),
}

/** Refuses a condition where there is none to be had. */
export function conditionForAzure(
  { provider, condition, conditionVersion }: { provider: Provider } & z.infer<typeof Fields>,
  context: { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void },
): void {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  if (condition && provider !== 'azure')
    complain('condition', 'must be left out: only Azure roles have conditions')
  if (conditionVersion && !condition) complain('conditionVersion', 'must come with a condition')
}

const Fields = z.object(conditionFields)

export type Conditioned = { condition?: string | null | undefined }

/** Two grants under different conditions are not the same: neither can hold for the other. */
export const sameCondition = (a: Conditioned, b: Conditioned) =>
  (a.condition ?? null) === (b.condition ?? null)

/** As it is kept and passed on: not at all where there is none. */
export const withCondition = ({ condition }: Conditioned) => (condition ? { condition } : {})

/** As callers see it. */
export const conditionAnswer = ({ condition = null }: Conditioned) => ({
  condition: condition ?? null,
  conditionVersion: condition ? ('2.0' as const) : null,
})

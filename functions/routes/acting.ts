import { z } from 'zod'
import { requestActivation } from '../../src/api/activations.ts'
import { type RequestAnswer, requestAnswer, unstored } from '../../src/api/answers.ts'
import { assign } from '../../src/api/assigning.ts'
import { removeAssignment, updateAssignment } from '../../src/api/assignments.ts'
import { forbidden } from '../../src/api/refused.ts'
import { deactivate } from '../../src/api/withdrawals.ts'
import { SelfActivate, SelfExtend } from '../../src/domain/ask.ts'
import { AdminAssign, AdminRemove, AdminUpdate } from '../../src/domain/assignment.ts'
import type { Request } from '../../src/domain/request.ts'
import { Guid, rightForProvider, roleFields } from '../../src/domain/role.ts'
import { text } from '../../src/domain/text.ts'
import type { Caller, Ports, Workflows } from '../../src/ports.ts'

const SelfDeactivate = z
  .strictObject({
    action: z.literal('selfDeactivate'),
    ...roleFields,
    principalId: Guid.optional(),
    justification: text(1000).nullish(),
  })
  .superRefine(rightForProvider)

/** Everything that is asked for as a request, told apart by its action. */
export const RequestBody = z
  .discriminatedUnion('action', [
    SelfActivate,
    SelfExtend,
    SelfDeactivate,
    AdminAssign,
    AdminUpdate,
    AdminRemove,
  ])
  .meta({ id: 'RequestBody' })
export type RequestBody = z.infer<typeof RequestBody>

/** Does what is asked for, and answers with the request; of a dry run without an id, for nothing is stored. */
export async function act(
  ports: Ports,
  workflows: Workflows,
  caller: Caller,
  body: RequestBody,
): Promise<RequestAnswer> {
  const answer = requestAnswer(await done(ports, workflows, caller, body))
  const isDry = 'isValidationOnly' in body && body.isValidationOnly
  return isDry ? unstored(answer) : answer
}

async function done(ports: Ports, workflows: Workflows, caller: Caller, body: RequestBody): Promise<Request> {
  switch (body.action) {
    case 'adminAssign':
      return assign(ports, workflows, caller, body)
    case 'adminUpdate':
    case 'adminExtend':
    case 'adminRenew':
      return updateAssignment(ports, workflows, caller, body)
    case 'adminRemove':
      return removeAssignment(ports, workflows, caller, body)
    default:
  }
  if (body.principalId && body.principalId !== caller.id)
    throw forbidden('principalId must be your own: a role is activated for oneself.')
  if (body.action !== 'selfDeactivate') return requestActivation(ports, workflows, caller, body)
  const { provider, roleDefinitionId, scope, justification } = body
  const role = { provider, roleDefinitionId, scope }
  return deactivate(ports, workflows, caller, role, justification?.trim() || null)
}

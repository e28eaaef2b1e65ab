import { z } from 'zod'
import { azureControl, azureState, holdsInAzure } from '../arm/control.ts'
import { groupNamed, personNamed, principalNamed, UnknownName } from '../directory/names.ts'
import { type Answer, type Call, json } from '../http.ts'
import { MAIL_FROM } from '../seed.ts'
import type { Tenant } from '../tenant.ts'
import { holds } from './holds.ts'
import { addGroup, addPeople, patchPerson, setAssignment, setLink } from './outside.ts'
import { stateOf } from './state.ts'

const offset = z.strictObject({ offset: z.number().refine(Number.isFinite) })
const lag = z.strictObject({
  ms: z.number().nonnegative().default(0),
  reads: z.int().nonnegative().default(0),
})
const rotation = z.strictObject({ drop: z.boolean().default(false) })
const permissions = z.strictObject({ permissions: z.array(z.string()) })

const letters = z.array(
  z.strictObject({ name: z.string(), subject: z.string(), text: z.string(), html: z.string() }),
)

type Hooks = { keysChanged(): void }

/** The hand behind the scenery. Nobody is asked who he is: the tenant listens on this machine only. */
export async function control(call: Call, tenant: Tenant, hooks: Hooks): Promise<Answer> {
  const [first = '', second, third, fourth] = call.path.slice('/control/'.length).split('/')
  const does = `${call.method} ${first}`
  const { directory } = tenant
  try {
    switch (does) {
      case 'GET clock':
        return clock(tenant)
      case 'PUT clock':
        tenant.clock.setOffset(offset.parse(json(call)).offset)
        return clock(tenant)
      case 'PUT lag':
        Object.assign(tenant.lag, lag.parse(json(call)))
        return { status: 200, body: tenant.lag }
      case 'GET lag':
        return { status: 200, body: tenant.lag }
      case 'POST faults':
        return { status: 201, body: tenant.faults.add(json(call)) }
      case 'GET faults':
        return { status: 200, body: tenant.faults.list() }
      case 'DELETE faults':
        return tenant.faults.remove(second) ? { status: 204 } : nothing(call)
      case 'GET calls':
        return { status: 200, body: tenant.calls.find(call.query.get('service')) }
      case 'DELETE calls':
        tenant.calls.clear()
        return { status: 204 }
      case 'POST keys': {
        if (second !== 'rotate') return nothing(call)
        await tenant.keys.rotate(rotation.parse(json(call) ?? {}).drop)
        hooks.keysChanged()
        return { status: 200, body: { kids: tenant.keys.keys.map((k) => k.kid) } }
      }
      case 'GET state':
        return { status: 200, body: { ...stateOf(directory), azure: azureState(tenant.azure) } }
      case 'GET holds':
        return {
          status: 200,
          body: holdsInAzure(tenant, call.query) ?? holds(directory, call.query),
        }
      case 'POST azure':
      case 'PUT azure':
      case 'DELETE azure':
        return azureControl(call, tenant, second ?? '') ?? nothing(call)
      case 'POST people':
        return addPeople(directory, call)
      case 'PATCH people':
        return patchPerson(directory, call, second ?? '')
      case 'DELETE people':
        directory.remove(personNamed(directory, second ?? '').id, 'outside')
        return { status: 204 }
      case 'POST groups':
        return addGroup(directory, call)
      case 'PUT groups':
      case 'DELETE groups':
        if (call.method === 'DELETE' && !third)
          directory.remove(groupNamed(directory, second ?? '').id, 'outside')
        else if ((third === 'members' || third === 'owners') && fourth)
          return setLink(directory, call.method, third, second ?? '', fourth)
        else return nothing(call)
        return { status: 204 }
      case 'POST role-assignments':
      case 'DELETE role-assignments':
        return setAssignment(directory, call)
      case 'PATCH applications': {
        const app = directory.servicePrincipals.get(principalNamed(directory, second ?? '').id)
        if (!app) return nothing(call)
        app.permissions = permissions.parse(json(call)).permissions
        return { status: 200, body: app }
      }
      case 'PUT letters':
        showLetters(tenant, letters.parse(json(call)))
        return { status: 204 }
      case 'POST reset':
        tenant.reset()
        return { status: 204 }
      default:
        return nothing(call)
    }
  } catch (error) {
    if (error instanceof UnknownName) return { status: 404, body: { error: error.message } }
    if (error instanceof z.ZodError) return { status: 400, body: { error: z.prettifyError(error) } }
    if (error instanceof SyntaxError) return { status: 400, body: { error: error.message } }
    throw error
  }
}

/** What `/letters` shows from now on. */
function showLetters({ letters: shown }: Tenant, given: z.infer<typeof letters>): void {
  shown.clear()
  for (const { name, ...mail } of given.toReversed())
    shown.add({
      ...mail,
      id: name,
      operationId: name,
      at: new Date().toISOString(),
      from: MAIL_FROM,
      to: [name],
      cc: [],
      bcc: [],
      replyTo: [],
      headers: {},
      attachments: [],
    })
}

const clock = ({ clock }: Tenant): Answer => ({
  status: 200,
  body: { offset: clock.offset(), now: new Date().toISOString() },
})

const nothing = ({ method, path }: Call): Answer => ({
  status: 404,
  body: { error: `The tenant has no ${method} ${path}. What it has is in local/tenant/README.md.` },
})

import { type HostProcess, spawnHost } from '../local/host/spawn.ts'
import { ROOT, type Services, startServices } from '../local/stack.ts'
import { groups, people, roles } from '../local/tenant/seed.ts'
import { type CountProxy, startCountProxy } from './count-proxy.ts'

export { groups, people, roles }

/** Everything as processes of their own, with or without a counting proxy before the storage. */
export type World = Services & {
  host: HostProcess
  /** Azurite itself, past the proxy. */
  storage: string
  proxy: CountProxy
  api: Api
  stop(): Promise<void>
}

export type Answer = { status: number; body: any }
type Call = (who: string, method: string, path: string, body?: unknown) => Promise<Answer>
export type Api = {
  call: Call
  must: Call
  /** Gets this person a token, as whoever has the page open has one before they click. */
  signIn(who: string): Promise<unknown>
  forget(): void
}

export type WorldOptions = {
  /** Without it there is nothing between the host and Azurite, and nothing is counted. */
  counted?: boolean
  env?: Record<string, string>
  /** Before the host starts, with the storage empty. */
  load?(storage: string): Promise<void>
}

export async function startWorld({ counted = false, env = {}, load }: WorldOptions = {}): Promise<World> {
  const services = await startServices()
  const storage = services.azurite.connectionString
  const proxy = await startCountProxy(storage)
  try {
    await load?.(storage)
    const connection = counted ? proxy.connectionString : storage
    const host = await spawnHost({
      root: ROOT,
      port: Number(new URL(services.settings.PUBLIC_URL as string).port),
      env: { ...services.settings, LOCAL_HOST_LOG: 'quiet', ...env, AzureWebJobsStorage: connection },
    })
    return {
      ...services,
      host,
      storage,
      proxy,
      api: apiOf(host.url, services),
      async stop() {
        await host.kill()
        await proxy.stop()
        await services.stop()
      },
    }
  } catch (error) {
    await proxy.stop()
    await services.stop()
    throw error
  }
}

/** Calls as people make them; a token is asked for once, and again when the clock has moved past it. */
function apiOf(url: string, { tenant }: Services): Api {
  const tokens = new Map<string, Promise<string>>()
  const signIn = (who: string): Promise<string> => {
    const token = tokens.get(who) ?? tenant.token(who)
    tokens.set(who, token)
    return token
  }
  const call: Call = async (who, method, path, body) => {
    const answer = await fetch(`${url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${await signIn(who)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text && JSON.parse(text) }
  }
  return {
    call,
    async must(who, method, path, body) {
      let answer = await call(who, method, path, body)
      // On a busy machine something may be late; to ask again is safe.
      for (let again = 0; answer.status === 503 && again < 5; again++)
        answer = await call(who, method, path, body)
      if (answer.status >= 300)
        throw new Error(`${who} ${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      return answer
    },
    signIn,
    forget: () => tokens.clear(),
  }
}

export const ROLE = roles.userAdministrator.id

/** Somebody of the group of approvers has to approve the role from now on; grace is one. */
export async function askForApproval({ api }: World, role = ROLE): Promise<void> {
  const { body } = await api.must('katherine', 'GET', `roles/${role}/settings`)
  const approval = body.rules.find(({ id }: { id: string }) => id === 'Approval_EndUser_Assignment')
  approval.setting.isApprovalRequired = true
  approval.setting.approvalStages[0].primaryApprovers = [
    { '@odata.type': '#microsoft.graph.groupMembers', groupId: groups.roleApprovers.id },
  ]
  await api.must('katherine', 'PATCH', `roles/${role}/settings`, { rules: [approval] })
}

export const makeEligible = ({ api }: World, principalId: string, roleDefinitionId = ROLE) =>
  api.must('katherine', 'POST', 'eligibilities', { principalId, roleDefinitionId })

/** So many new people, eligible for the role. */
export async function crowd(world: World, size: number, role = ROLE): Promise<string[]> {
  const shorts = Array.from({ length: size }, (_, n) => `crowd${n}`)
  const made = (await world.tenant.control(
    'POST',
    '/people',
    shorts.map((short) => ({ short })),
  )) as { id: string }[]
  await inLanes(16, made, async ({ id }) => {
    await makeEligible(world, id, role)
  })
  return shorts
}

export const activation = (role = ROLE, duration = 'PT1H') => ({
  action: 'selfActivate',
  roleDefinitionId: role,
  justification: 'INC-42: the mailbox of the support team is stuck',
  scheduleInfo: { expiration: { type: 'afterDuration', duration } },
})

/** Does something with each, so many at a time. */
export async function inLanes<T>(lanes: number, items: readonly T[], work: (item: T) => Promise<void>) {
  let next = 0
  const lane = async () => {
    while (next < items.length) await work(items[next++] as T)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

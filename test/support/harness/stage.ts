import { TableClient } from '@azure/data-tables'
import { QueueClient } from '@azure/storage-queue'
import { type HostProcess, spawnHost } from '../../../local/host/spawn.ts'
import { ROOT, type Services, startServices } from '../../../local/stack.ts'
import { azureRoles, scopes } from '../../../local/tenant/arm/seed-azure.ts'
import { groups, MAIL_KEY, people, roles, TENANT_ID } from '../../../local/tenant/seed.ts'
import type { Role } from '../../../src/domain/role.ts'
import { Endpoint } from '../endpoint.ts'
import { WITHOUT_LOOKING_AROUND } from '../world.ts'
import type { Call } from './call.ts'
import { Proxy } from './proxy.ts'
import { walkOn } from './walk.ts'

export type RoleOfStage = keyof typeof ROLES
/** Campaigns meet the comparisons and the weeks too; every day there is no time for them. */
const QUIET = process.env.POINTS || process.env.FAULTS ? {} : WITHOUT_LOOKING_AROUND
const PIECE = 10 * 60_000
const inDirectory = (roleDefinitionId: string): Role => ({
  provider: 'directory',
  roleDefinitionId,
  scope: '/',
})
/** One of each provider that nobody is asked for, and one that needs an approval. */
const ROLES = {
  approved: inDirectory(roles.userAdministrator.id),
  staged: inDirectory(roles.groupsAdministrator.id),
  open: inDirectory(roles.reportsReader.id),
  azure: { provider: 'azure', roleDefinitionId: azureRoles.reader.name, scope: scopes.shop.toLowerCase() },
  membership: { provider: 'group', roleDefinitionId: 'member', scope: `/groups/${groups.payroll.id}` },
} satisfies Record<string, Role>

export type Answered = { status: number; body: any }
export type Row = { partitionKey: string; rowKey: string; doc: string }

/** The host died before it had answered. */
export class HostDied extends Error {}

/**
 * A whole stack with the proxy between the host process and everything outside it. Lives for many runs, each with people
 * of its own; the host dies and is started again as often as anybody likes.
 */
export class Stage {
  readonly proxy: Proxy
  /** Somebody's own, to whom webhooks send. */
  readonly endpoint: Endpoint
  private readonly services: Services
  private hostProcess: HostProcess | undefined
  private death: Promise<void> | undefined
  private offset = 0
  private issuer = ''
  deaths = 0

  private constructor(services: Services, endpoint: Endpoint) {
    this.services = services
    this.endpoint = endpoint
    const { ports } = services.azurite
    const portOf = ({ url }: { url: string }) => Number(new URL(url).port)
    this.proxy = new Proxy({ ...ports, tenant: portOf(services.tenant), endpoint: portOf(endpoint) })
  }

  static async start(
    options: { approvalMinutes?: number; env?: Record<string, string> } = {},
  ): Promise<Stage> {
    const services = await startServices().catch(() => startServices()) // a port may be taken meanwhile
    const endpoint = new Endpoint()
    await endpoint.listen()
    const stage = new Stage(services, endpoint)
    try {
      await stage.proxy.start()
      const port = Number(new URL(stage.services.settings.PUBLIC_URL as string).port)
      stage.hostProcess = await spawnHost({
        root: ROOT,
        port,
        env: { ...stage.settings(), LOCAL_HOST_RERUN_SECONDS: '300', ...QUIET, ...options.env },
      })
      await stage.setUp(options.approvalMinutes ?? 30)
      return stage
    } catch (error) {
      await stage.stop()
      throw error
    }
  }

  /** The settings of a stack, with the proxy's addresses in the place of the real ones. */
  private settings(): Record<string, string> {
    const { ports } = this.proxy
    const tenant = `http://127.0.0.1:${ports.tenant}`
    this.issuer = `${tenant}/${TENANT_ID}/v2.0`
    const storage = this.services.azurite.connectionString
      .replace(/(BlobEndpoint=http:\/\/127.0.0.1:)\d+/, `$1${ports.blob}`)
      .replace(/(QueueEndpoint=http:\/\/127.0.0.1:)\d+/, `$1${ports.queue}`)
      .replace(/(TableEndpoint=http:\/\/127.0.0.1:)\d+/, `$1${ports.table}`)
    return {
      ...this.services.settings,
      AzureWebJobsStorage: storage,
      ENTRA_AUTHORITY: tenant,
      GRAPH_URL: `${tenant}/v1.0`,
      ARM_URL: tenant,
      MAIL_CONNECTION: `endpoint=${tenant};accesskey=${MAIL_KEY}`,
    }
  }

  /** Two roles: for one the approvers are asked, for the other nobody is. Two approvers, in a group. */
  private async setUp(approvalMinutes: number): Promise<void> {
    for (const margaret of [people.margaret.short])
      await this.tenant.control('DELETE', `/groups/${groups.roleApprovers.short}/members/${margaret}`)
    const path = `/api/roles/${ROLES.approved.roleDefinitionId}/settings`
    const { rules } = await this.expect(200, 'katherine', 'GET', path)
    const approval = rules.find(({ id }: { id: string }) => id === 'Approval_EndUser_Assignment')
    approval.setting.isApprovalRequired = true
    Object.assign(approval.setting.approvalStages[0], {
      approvalStageTimeOutInMinutes: approvalMinutes,
      primaryApprovers: [
        { '@odata.type': '#microsoft.graph.groupMembers', groupId: groups.roleApprovers.id },
      ],
    })
    await this.expect(200, 'katherine', 'PATCH', path, { rules: [approval] })
    const [stage] = approval.setting.approvalStages
    const asks = ({ id: userId }: { id: string }) => [
      { '@odata.type': '#microsoft.graph.singleUser', userId },
    ]
    const staged = {
      ...approval.setting,
      approvalMode: 'Serial',
      approvalStages: [
        { ...stage, primaryApprovers: asks(people.grace) },
        {
          ...stage,
          primaryApprovers: asks(people.linus),
          isEscalationEnabled: true,
          escalationTimeInMinutes: Math.floor(approvalMinutes / 2),
          escalationApprovers: asks(people.margaret),
        },
      ],
    }
    await this.expect(200, 'katherine', 'PATCH', `/api/roles/${ROLES.staged.roleDefinitionId}/settings`, {
      rules: [{ ...approval, setting: staged }],
    })
    await this.host.idle()
    await this.advance('PT10M')
  }

  get tenant() {
    return this.services.tenant
  }

  get host(): HostProcess {
    return this.hostProcess as HostProcess
  }

  role(role: RoleOfStage): Role {
    return ROLES[role]
  }

  /** Who assigns it, and makes others eligible for it. */
  administratorOf(role: RoleOfStage): string {
    return role === 'azure' ? people.alan.short : people.katherine.short
  }

  async stop(): Promise<void> {
    this.proxy.stop()
    this.endpoint.stop()
    await this.hostProcess?.kill()
    await this.services.stop()
  }

  // ---- dying and living

  /** At once, and all that it has asked for and that has not been passed on dies with it. */
  kill(): void {
    if (this.death) return
    this.deaths++
    this.proxy.endLife()
    this.death = this.host.kill()
  }

  get isDead(): boolean {
    return this.death !== undefined
  }

  /** Starts it again. What it held of the queues is visible again, as it would be after a while. */
  async revive(): Promise<void> {
    await this.death
    await this.proxy.quiet()
    await this.giveBackMessages()
    await this.host.restart()
    this.death = undefined
  }

  async giveBackMessages(): Promise<void> {
    for (const [id, { queue, receipt }] of this.proxy.held)
      await this.queue(queue)
        .updateMessage(id, receipt, undefined, 0)
        .catch(() => undefined)
    this.proxy.held.clear()
  }

  /** Throws `HostDied` when the host dies meanwhile, whatever else it throws then. */
  async attempt<T>(action: () => Promise<T>): Promise<T> {
    if (this.isDead) await this.revive()
    try {
      return await action()
    } catch (error) {
      if (this.isDead) throw new HostDied()
      throw error
    }
  }

  /** As often as it takes. */
  async insist<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.attempt(action)
      } catch (error) {
        if (!(error instanceof HostDied)) throw error
      }
    }
  }

  // ---- time

  /** By the clock that the host and the tenant share. */
  async now(): Promise<Date> {
    if (this.offset === 0) this.offset = (await this.tenant.control('GET', '/clock')).offset
    return new Date(Date.now() + this.offset)
  }

  /** As the tenant has it: the host may have moved it and died before it could say so. */
  async clock(): Promise<Date> {
    this.offset = (await this.tenant.control('GET', '/clock')).offset
    return new Date(Date.now() + this.offset)
  }

  /** While something outside is away: until when. */
  outage: Date | undefined
  /** What becomes of calls whose answer nobody waited for: done outside, late. */
  readonly late: { at: Date; call: Call }[] = []

  /** Walks on, meeting everything due; a long outage is slept through, for each vain attempt costs real seconds. */
  async moveTo(instant: Date): Promise<void> {
    for (let next = this.late[0]; next && next.at <= instant; next = this.late[0]) {
      this.late.shift()
      await this.walkTo(next.at)
      await this.proxy.replay(next.call)
      await this.idle()
    }
    // Piece by piece: an outage may begin on the way.
    for (let at = 0; at < instant.getTime(); ) {
      await this.sleepThroughOutage(instant)
      at = Math.min(instant.getTime(), (await this.now()).getTime() + PIECE)
      await this.walkTo(new Date(at))
    }
  }

  private async sleepThroughOutage(instant: Date): Promise<void> {
    if (!this.outage || this.outage > instant) return
    const almost = new Date(this.outage.getTime() - 60_000)
    this.outage = undefined
    if (almost > (await this.now())) this.offset = (await this.host.jump(almost.toISOString())).offset
  }

  /** What somebody does who is asked to try again later; in an outage, when it is over. */
  async outlast(minutes: number): Promise<void> {
    const until = this.outage ?? (await this.now())
    await this.moveTo(new Date(until.getTime() + minutes * 60_000))
  }

  private async walkTo(instant: Date): Promise<void> {
    // What it was moved to before it died counts, so each attempt looks first.
    const clock = { now: () => this.clock(), moveTo: (to: Date) => this.host.moveTo(to.toISOString()) }
    await this.insist(() => walkOn(clock, instant))
    this.offset = (await this.tenant.control('GET', '/clock')).offset
  }

  async advance(duration: string): Promise<void> {
    const { offset } = await this.host.advance(duration)
    this.offset = offset
  }

  async jump(minutes: number): Promise<void> {
    this.offset = (await this.host.jump(`PT${minutes}M`)).offset
  }

  /** The clock goes on while the host is down. */
  async tenantMoves(minutes: number): Promise<void> {
    const { offset } = await this.tenant.control('GET', '/clock')
    this.offset = offset + minutes * 60_000
    await this.tenant.control('PUT', '/clock', { offset: this.offset })
  }

  async idle(): Promise<void> {
    await this.insist(() => this.host.idle())
  }

  // ---- asking

  async api(who: string, method: string, path: string, body?: unknown): Promise<Answered> {
    const token = await this.tenant.token(who, { iss: this.issuer })
    const answer = await fetch(`${this.host.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : null }
  }

  async expect(status: number, who: string, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.api(who, method, path, body)
    if (answer.status !== status)
      throw new Error(`${who} ${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  async list(who: string, path: string): Promise<any[]> {
    const items = []
    for (let next: string | undefined = path; next; ) {
      const page = await this.expect(200, who, 'GET', next)
      items.push(...page.value)
      next = page.nextLink && new URL(page.nextLink).pathname + new URL(page.nextLink).search
    }
    return items
  }

  /** Rows of a table as they are, read past the proxy. */
  async rows(table: string, partitionKey: string): Promise<Row[]> {
    const client = TableClient.fromConnectionString(this.services.azurite.connectionString, table, {
      allowInsecureConnection: true,
    })
    const rows: Row[] = []
    for await (const row of client.listEntities<Row>({
      queryOptions: { filter: `PartitionKey eq '${partitionKey}'` },
    }))
      rows.push(row as Row)
    return rows
  }

  queue(name: string): QueueClient {
    return new QueueClient(this.services.azurite.connectionString, name)
  }

  async durable(method: string, path: string, body?: unknown): Promise<Answered> {
    const answer = await fetch(`${this.host.url}/runtime/webhooks/durabletask${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : null }
  }

  /** By hand, as an operator would; and twice at once, as two hosts would. */
  async sweep(times = 1): Promise<void> {
    await Promise.all(
      Array.from({ length: times }, () =>
        fetch(`${this.host.url}/admin/functions/sweep`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }),
      ),
    )
    await this.idle()
  }

  // ---- telling

  /** From now on somebody's endpoint is sent every event, through the proxy. */
  async subscribe(): Promise<void> {
    this.endpoint.arrivals.length = 0
    const url = this.endpoint.url.replace(/:\d+/, `:${this.proxy.ports.endpoint}`)
    await this.expect(201, 'katherine', 'POST', '/api/webhooks', { name: 'SIEM', url })
    await this.idle()
  }

  async unsubscribe(): Promise<void> {
    for (const { id } of await this.list('katherine', '/api/webhooks'))
      await this.expect(204, 'katherine', 'DELETE', `/api/webhooks/${id}`)
    await this.idle()
  }

  // ---- people

  private count = 0

  /** Somebody new who is eligible for the role. */
  async newcomer(role: RoleOfStage): Promise<{ id: string; short: string; displayName: string }> {
    const short = `person${++this.count}`
    const person = await this.tenant.control('POST', '/people', {
      short,
      displayName: `Pat ${this.count} Person`,
    })
    await this.insist(() =>
      this.expect(201, this.administratorOf(role), 'POST', '/api/eligibilities', {
        principalId: person.id,
        ...ROLES[role],
        // Of Azure roles and groups nothing is for good.
        ...(ROLES[role].provider !== 'directory' && {
          scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P365D' } },
        }),
      }),
    )
    await this.moveTo(new Date((await this.now()).getTime() + 6 * 60_000)) // the sweep has seen it: no part of the story
    await this.idle()
    return person
  }

  async holds(person: string, role: RoleOfStage): Promise<boolean> {
    const { provider, roleDefinitionId, scope } = ROLES[role]
    const [name, where] =
      provider === 'group' ? [scope.replace('/groups/', ''), '/'] : [roleDefinitionId, scope]
    return this.tenant.holds(person, name, where).catch((error) => {
      if (`${error}`.includes('There is no person')) return false // deleted, and what they held with them
      throw error
    })
  }
}

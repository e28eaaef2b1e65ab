import { request as httpRequest } from 'node:http'
import { TableClient } from '@azure/data-tables'
import { afterAll, beforeAll } from 'vitest'
import { type Stack, startStack } from '../../local/stack.ts'
import type { Mail } from '../../local/tenant/mail/mailbox.ts'
import { groups, people, roles } from '../../local/tenant/seed.ts'
import { WITHOUT_LOOKING_AROUND } from '../support/world.ts'

/** What is sent, to the byte: nothing is normalized on the way. */
export type Sent = {
  method?: string
  path: string
  /** Name, value, name, value: so that a header may be there twice. */
  headers?: string[]
  body?: string | Buffer | undefined
  /** Without a Content-Length. */
  chunked?: boolean
}

export type Heard = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  body: any
}

type TokenOptions = Record<string, string | number | boolean | object>

/** Where attacks happen: a stack of the file's own, and every way to send what no good client sends. */
export class Ground {
  readonly stack: Stack
  /** How many requests the attackers have sent. */
  tried = 0
  private readonly tables: TableClient[]

  constructor(stack: Stack) {
    this.stack = stack
    this.tables = TABLES.map((name) =>
      TableClient.fromConnectionString(stack.azurite.connectionString, name, {
        allowInsecureConnection: true,
      }),
    )
  }

  get tenant() {
    return this.stack.tenant
  }

  get host() {
    return this.stack.host
  }

  /** Sends this and nothing else. */
  send({ method = 'GET', path, headers = [], body, chunked = false }: Sent): Promise<Heard> {
    this.tried++
    const { hostname, port } = new URL(this.host.url)
    const length = body === undefined || chunked ? [] : ['Content-Length', `${Buffer.byteLength(body)}`]
    return new Promise((hear, fail) => {
      const sent = httpRequest(
        {
          hostname,
          port,
          method,
          path,
          agent: false,
          headers: [
            'Host',
            `${hostname}:${port}`,
            ...headers,
            ...length,
            ...(chunked ? ['Transfer-Encoding', 'chunked'] : []),
          ],
        },
        (answer) => {
          const chunks: Buffer[] = []
          answer.on('data', (chunk: Buffer) => chunks.push(chunk))
          answer.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const { statusCode: status = 0, headers: heard } = answer
            hear({ status, headers: heard, text, body: parsed(text) })
          })
          answer.on('error', fail)
        },
      )
      sent.on('error', fail)
      sent.end(body)
    })
  }

  token(who: string, options: TokenOptions = {}): Promise<string> {
    return this.tenant.token(who, options)
  }

  /** As a good client would: somebody's token, and JSON. */
  async as(
    who: string,
    method: string,
    path: string,
    body?: unknown,
    options: TokenOptions = {},
  ): Promise<Heard> {
    return this.with(await this.token(who, options), method, path, body)
  }

  /** The same, with this very token. */
  with(token: string, method: string, path: string, body?: unknown): Promise<Heard> {
    const headers = ['Authorization', `Bearer ${token}`]
    if (body === undefined) return this.send({ method, path, headers })
    return this.send({
      method,
      path,
      headers: [...headers, 'Content-Type', 'application/json'],
      body: JSON.stringify(body),
    })
  }

  /** Throws when a step that only prepares an attack does not work. */
  async must(status: number, who: string, method: string, path: string, body?: unknown): Promise<any> {
    const heard = await this.as(who, method, path, body)
    if (heard.status !== status)
      throw new Error(`${who} ${method} ${path} answered ${heard.status}: ${heard.text}`)
    return heard.body
  }

  /** Katherine makes somebody, or a group, eligible. */
  makeEligible(principalId: string, roleDefinitionId: string, more: object = {}): Promise<any> {
    return this.must(201, 'katherine', 'POST', '/api/eligibilities', {
      principalId,
      roleDefinitionId,
      ...more,
    })
  }

  /** Katherine has a role ask for an approval, by a group unless others are named. */
  async demandApproval(roleDefinitionId: string, stage: object = {}): Promise<void> {
    await this.changeRule(roleDefinitionId, 'Approval_EndUser_Assignment', (rule) => {
      rule.setting.isApprovalRequired = true
      Object.assign(rule.setting.approvalStages[0], { primaryApprovers: [APPROVERS], ...stage })
    })
  }

  async changeRule(roleDefinitionId: string, id: string, change: (rule: any) => void): Promise<void> {
    const path = `/api/roles/${roleDefinitionId}/settings`
    const { rules } = await this.must(200, 'katherine', 'GET', path)
    const rule = rules.find((each: { id: string }) => each.id === id)
    change(rule)
    await this.must(200, 'katherine', 'PATCH', path, { rules: [rule] })
  }

  asks(who: string, roleDefinitionId: string, more: object = {}): Promise<Heard> {
    return this.as(who, 'POST', '/api/requests', activation(roleDefinitionId, more))
  }

  decides(who: string, id: string, reviewResult: 'Approve' | 'Deny'): Promise<Heard> {
    return this.as(who, 'POST', `/api/approvals/${id}`, { reviewResult, justification: 'Known change.' })
  }

  async statusOf(id: string): Promise<string> {
    return (await this.must(200, 'dorothy', 'GET', `/api/requests/${id}`)).status
  }

  /** The events of one request, the oldest first. */
  async events(roleDefinitionId: string): Promise<{ id: string; activityDisplayName: string }[]> {
    await this.host.idle()
    const { value } = await this.must(
      200,
      'dorothy',
      'GET',
      `/api/audit?top=200&roleDefinitionId=${roleDefinitionId}`,
    )
    return value.reverse()
  }

  /** The link in the latest mail to somebody, as a path. */
  async link(to: string): Promise<string> {
    await this.host.idle()
    const mail = (await this.tenant.mails(to)).findLast(({ text }) => text.includes('/api/approve/')) as Mail
    const found = /http\S+(\/api\/approve\/\S+)/.exec(mail?.text ?? '')?.[1]
    if (!found) throw new Error(`${to} was mailed no link.`)
    return found
  }

  async now(): Promise<Date> {
    return new Date((await this.tenant.control('GET', '/clock')).now)
  }

  /** Every row of ours with its version: when two of these are the same, nothing was stored in between. */
  async stored(): Promise<Record<string, string>> {
    const rows: Record<string, string> = {}
    for (const table of this.tables)
      try {
        for await (const { partitionKey, rowKey, etag } of table.listEntities())
          rows[`${table.tableName} ${partitionKey} ${rowKey}`] = etag
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error
      }
    return rows
  }
}

const TABLES = [
  'InterimTruth',
  'InterimOpen',
  'InterimEvents',
  'InterimEventDays',
  'InterimEligibilitiesByRole',
]

export const APPROVERS = {
  '@odata.type': '#microsoft.graph.groupMembers',
  groupId: groups.roleApprovers.id,
}

export const activation = (roleDefinitionId: string, more: object = {}) => ({
  action: 'selfActivate',
  roleDefinitionId,
  justification: 'INC-42: mail is not delivered',
  scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
  ...more,
})

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One stack for all the attacks of a file, and a line at its end that says what was tried. */
export function useGround(summary: (ground: Ground) => string): { readonly it: Ground } {
  let ground: Ground | undefined
  beforeAll(async () => {
    ground = new Ground(await startStack({}, { LOCAL_HOST_LOG: 'quiet', ...WITHOUT_LOOKING_AROUND }))
  })
  afterAll(async () => {
    if (!ground) return
    process.stdout.write(`${summary(ground)}\n`)
    if (process.env.ATTACKS_LOG) process.stderr.write(ground.host.output())
    await ground.stack.stop()
  })
  return {
    get it() {
      if (!ground) throw new Error('There is no ground yet: use it inside a test.')
      return ground
    },
  }
}

/** Where a picture of our insides would show: a stack, a path, a library. */
const INSIDES = /\bat (?:async )?[\w.<>]+ \(|\.[jt]s:\d+|node_modules|node:internal|\/(?:work|home|usr|tmp)\//

/** What is wrong with an answer to rubbish, or null when it is a decent refusal. */
export function indecency({ status, headers, text, body }: Heard): string | null {
  if (status < 400 || status > 499) return `status ${status}`
  if (INSIDES.test(text)) return 'shows its insides'
  const type = `${headers['content-type'] ?? ''}`
  if (type.startsWith('text/html')) return null
  if (text === '') return status === 404 || status === 431 ? null : `an empty ${status}` // the host's own
  if (!type.startsWith('application/json')) return `content type ${type}`
  if (headers['x-content-type-options'] !== 'nosniff') return 'may be sniffed'
  const { error } = body ?? {}
  if (typeof error?.code !== 'string' || !error.code) return 'no code'
  if (typeof error.message !== 'string' || !error.message) return 'no message'
  if (!error.innerError?.['request-id'] || !error.innerError.date) return 'no innerError'
  return null
}

export { groups, people, roles }

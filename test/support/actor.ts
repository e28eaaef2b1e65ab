import { Browser, linkIn, type Page } from '../../local/demo/browser.ts'
import { type Answer, call } from '../../local/demo/caller.ts'
import type { Mail } from '../../local/tenant/mail/mailbox.ts'
import type { RequestAnswer } from '../../src/api/answers.ts'
import { undocumented } from './documented.ts'
import type { World } from './world.ts'

export type Proof = { mfa?: 1; cp1?: 1; acrs?: string }
export type Ask = Record<string, unknown>
export type Asked = RequestAnswer

/** Somebody in a story, and what they do, in the role that the story is about. */
export class Actor {
  readonly id: string
  readonly short: string
  readonly browser = new Browser()
  private readonly world: World
  private readonly role: { roleDefinitionId: string; provider?: string; scope?: string }

  /** A role is a directory role's id, or all that names another one. */
  constructor(
    world: World,
    { id, short }: { id: string; short: string },
    role: string | { roleDefinitionId: string; provider?: string; scope?: string },
  ) {
    this.world = world
    this.id = id
    this.short = short
    this.role = typeof role === 'string' ? { roleDefinitionId: role } : role
  }

  /** Whatever it is answered with must be in the API's document, in every story. */
  async calls(method: string, path: string, body?: unknown, proof: Proof = {}): Promise<Answer> {
    const token = await this.world.tenant.token(this.short, proof)
    const answer = await call(this.world.url, token, method, path, body)
    const fault = undocumented(method, path, answer)
    if (fault) throw new Error(fault)
    return answer
  }

  /** Asks for the role, for an hour if nothing else is said, and tells what the API answers. */
  triesToAsk(ask: Ask = {}, proof: Proof = {}): Promise<Answer> {
    const body = {
      action: 'selfActivate',
      ...this.role,
      justification: 'INC-42: mail is not delivered',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'PT1H' } },
      ...ask,
    }
    return this.calls('POST', '/api/requests', body, proof)
  }

  asks(ask: Ask = {}, proof: Proof = {}): Promise<Asked> {
    return accepted(201, this.triesToAsk(ask, proof))
  }

  sees({ id }: { id: string }): Promise<Asked> {
    return accepted(200, this.calls('GET', `/api/requests/${id}`))
  }

  triesToDecide({ id }: { id: string }, reviewResult: 'Approve' | 'Deny'): Promise<Answer> {
    return this.calls('POST', `/api/approvals/${id}`, { reviewResult, justification: 'Known change.' })
  }

  approves(request: { id: string }): Promise<Asked> {
    return accepted(200, this.triesToDecide(request, 'Approve'))
  }

  denies(request: { id: string }): Promise<Asked> {
    return accepted(200, this.triesToDecide(request, 'Deny'))
  }

  triesToCancel({ id }: { id: string }): Promise<Answer> {
    return this.calls('POST', `/api/requests/${id}/cancel`)
  }

  triesToDeactivate(): Promise<Answer> {
    const body = { action: 'selfDeactivate', ...this.role }
    return this.calls('POST', '/api/requests', body)
  }

  /** The ids of what awaits this person's decision. */
  async isAskedFor(): Promise<string[]> {
    const { value } = await accepted<{ value: Asked[] }>(200, this.calls('GET', '/api/approvals'))
    return value.map(({ id }) => id)
  }

  /** Read back from the tenant. */
  holds(): Promise<boolean> {
    const { roleDefinitionId, scope } = this.role
    return this.world.tenant.holds(this.short, roleDefinitionId, scope)
  }

  /** The mails to this person, once there are that many. */
  mails(count: number): Promise<Mail[]> {
    return this.world.look(
      async () => (await this.world.tenant.mails(this.short)).filter(isOfTheStory),
      (mails) => mails.length >= count,
    )
  }

  /** The link in this person's latest mail, of so many. */
  async mailedLink(count = 1): Promise<string> {
    const mail = (await this.mails(count)).at(-1)
    if (!mail) throw new Error(`${this.short} has no mail.`)
    return linkIn(mail)
  }

  opens(link: string): Promise<Page> {
    return this.browser.open(link)
  }
}

/** That somebody was made eligible is how stories begin: only those about it ask for it. */
export const isOfTheStory = ({ subject }: Mail) => !/^PIM: (You are|.* is) eligible for /.test(subject)

/** What was asked for, or what stood in the way. */
export async function accepted<T>(status: number, answer: Promise<Answer>): Promise<T> {
  const { status: given, body } = await answer
  if (given !== status) throw new Error(`Answered ${given}, not ${status}: ${JSON.stringify(body)}`)
  return body as T
}

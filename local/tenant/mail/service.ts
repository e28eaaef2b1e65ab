import { randomUUID } from 'node:crypto'
import { type Answer, type Call, json } from '../http.ts'
import { MAIL_FROM, MAIL_KEY } from '../seed.ts'
import type { Mailbox } from './mailbox.ts'
import { type Message, message } from './message.ts'
import { signatureProblem } from './signature.ts'

const RECIPIENTS = 50
const BYTES = 10 * 1024 * 1024
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Azure Communication Services, e-mail: what it accepts goes into the mailbox instead of into the world. */
export class MailService {
  /** How often the status of each operation was asked for. */
  private readonly asked = new Map<string, number>()
  private readonly mailbox: Mailbox

  constructor(mailbox: Mailbox) {
    this.mailbox = mailbox
  }

  answer(call: Call): Answer {
    const problem = signatureProblem(call, MAIL_KEY)
    if (problem) return failure(401, 'Denied', `Denied by the resource provider. ${problem}`)
    if (!call.query.has('api-version'))
      return failure(400, 'MissingApiVersion', 'The api-version query parameter is required.')
    if (call.method === 'POST' && call.path === '/emails:send') return this.send(call)
    const operation = /^\/emails\/operations\/([^/]+)$/.exec(call.path)?.[1]
    if (call.method === 'GET' && operation) return this.status(operation)
    return failure(404, 'NotFound', 'There is no such resource.')
  }

  private send(call: Call): Answer {
    if (call.body.length > BYTES)
      return failure(413, 'RequestEntityTooLarge', 'The message is larger than 10 MB.')
    const parsed = message.safeParse(json(call))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      return failure(
        400,
        'InvalidRequest',
        `Request body validation error: ${issue?.path.join('.')}: ${issue?.message}`,
      )
    }
    const refusal = refuse(parsed.data)
    if (refusal) return refusal
    const given = `${call.headers['operation-id'] ?? ''}`
    if (given && !GUID.test(given))
      return failure(400, 'InvalidRequest', 'The operation-id header must be a GUID.')
    const id = given || randomUUID()
    this.deliver(id, parsed.data)
    const location = `${call.origin}/emails/operations/${id}?api-version=${call.query.get('api-version')}`
    return {
      status: 202,
      headers: { 'Operation-Location': location, 'Retry-After': '1', 'x-ms-request-id': randomUUID() },
      body: { id, status: 'Running', error: null },
    }
  }

  private deliver(
    operationId: string,
    { senderAddress, content, recipients, replyTo, headers, attachments }: Message,
  ): void {
    const addresses = (list: { address: string }[]) => list.map((a) => a.address)
    this.asked.set(operationId, 0)
    this.mailbox.add({
      id: randomUUID(),
      operationId,
      at: new Date().toISOString(),
      from: senderAddress,
      to: addresses(recipients.to),
      cc: addresses(recipients.cc),
      bcc: addresses(recipients.bcc),
      replyTo: addresses(replyTo),
      subject: content.subject,
      text: content.plainText ?? '',
      html: content.html ?? '',
      headers,
      attachments: attachments.map((a) => a.name),
    })
  }

  /** Running when first asked, Succeeded from then on: that takes the client's SDK no waiting. */
  private status(id: string): Answer {
    const asked = this.asked.get(id)
    if (asked === undefined) return failure(404, 'NotFound', 'There is no such operation.')
    this.asked.set(id, asked + 1)
    if (asked === 0)
      return { status: 200, headers: { 'Retry-After': '1' }, body: { id, status: 'Running', error: null } }
    return { status: 200, body: { id, status: 'Succeeded', error: null } }
  }
}

function refuse({ senderAddress, recipients: { to, cc, bcc } }: Message): Answer | undefined {
  const count = to.length + cc.length + bcc.length
  if (count === 0) return failure(400, 'InvalidRequest', 'There are no recipients.')
  if (count > RECIPIENTS)
    return failure(400, 'InvalidRequest', `There are ${count} recipients: at most ${RECIPIENTS} are allowed.`)
  const [name, domain] = senderAddress.toLowerCase().split('@')
  const [ourName, ourDomain] = MAIL_FROM.split('@')
  if (domain !== ourDomain)
    return failure(404, 'DomainNotLinked', 'The specified sender domain has not been linked.')
  if (name !== ourName)
    return failure(400, 'InvalidSenderUserName', 'The specified sender user name is not valid.')
  return undefined
}

const failure = (status: number, code: string, text: string): Answer => ({
  status,
  headers: { 'x-ms-error-code': code },
  body: { error: { code, message: text } },
})

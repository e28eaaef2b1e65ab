export type Mail = {
  id: string
  operationId: string
  at: string
  from: string
  to: string[]
  cc: string[]
  bcc: string[]
  replyTo: string[]
  subject: string
  text: string
  html: string
  headers: Record<string, string>
  attachments: string[]
}

const KEPT = 10_000

/** Everything the mail service accepted, oldest first; the last ten thousand. */
export class Mailbox {
  private mails: Mail[] = []

  add(mail: Mail): void {
    this.mails.push(mail)
    if (this.mails.length > KEPT) this.mails.shift()
  }

  /** `to` is an address, or what stands before its @; `since` an instant. */
  find({ to, since }: { to?: string | null; since?: string | null } = {}): Mail[] {
    const wanted = to?.toLowerCase()
    const from = since ? Date.parse(since) : Number.NEGATIVE_INFINITY
    return this.mails.filter((mail) => {
      const addresses = [...mail.to, ...mail.cc, ...mail.bcc].map((a) => a.toLowerCase())
      const theirs = !wanted || addresses.some((a) => a === wanted || a.split('@')[0] === wanted)
      return theirs && Date.parse(mail.at) >= from
    })
  }

  get(id: string): Mail | undefined {
    return this.mails.find((mail) => mail.id === id)
  }

  clear(): void {
    this.mails = []
  }
}

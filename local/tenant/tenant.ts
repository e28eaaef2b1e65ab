import type { Clock } from '../clock.ts'
import { Azure } from './arm/azure.ts'
import { CallLog } from './control/calls.ts'
import { Faults } from './control/faults.ts'
import { Directory } from './directory/directory.ts'
import type { Lag } from './directory/eventual.ts'
import { Mailbox } from './mail/mailbox.ts'
import { MailService } from './mail/service.ts'
import type { KeyRing } from './sign-in/keys.ts'

/** Everything that changes while the tenant runs. */
export class Tenant {
  readonly origin: string
  readonly appUrl: string
  readonly clock: Clock
  readonly keys: KeyRing
  readonly lag: Lag = { ms: 0, reads: 0 }
  readonly faults = new Faults()
  readonly calls = new CallLog()
  readonly mailbox = new Mailbox()
  /** Mails that nobody was sent: how each looks. */
  readonly letters = new Mailbox()
  readonly mail = new MailService(this.mailbox)
  directory = new Directory(this.lag)
  azure = new Azure(this.lag)

  constructor({
    origin,
    appUrl,
    clock,
    keys,
  }: { origin: string; appUrl: string; clock: Clock; keys: KeyRing }) {
    this.origin = origin
    this.appUrl = appUrl
    this.clock = clock
    this.keys = keys
  }

  /** Back to the seed. Clock and keys stay: setting them back would break whoever lives by them. */
  reset(): void {
    Object.assign(this.lag, { ms: 0, reads: 0 })
    this.faults.remove()
    this.calls.clear()
    this.mailbox.clear()
    this.directory = new Directory(this.lag)
    this.azure = new Azure(this.lag)
  }
}

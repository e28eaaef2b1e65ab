import type { AuditEvent } from '../domain/audit.ts'
import { settingsNotice } from '../domain/notice.ts'
import type { SettingsChange } from '../domain/settings-change.ts'
import type { Ports } from '../ports.ts'

/** Those who may confirm a change, or who has asked for it. The change is made, whatever happens now: the sweep tells what this cannot. */
export async function tellSettingsChange(
  { outbox, log }: Ports,
  change: SettingsChange,
  events: AuditEvent[],
): Promise<void> {
  try {
    await outbox.send(settingsNotice(change, events))
  } catch (error) {
    log.warn('A change of settings could not be told yet; the sweep will tell it.', {
      changeId: change.id,
      error: `${error}`,
    })
  }
}

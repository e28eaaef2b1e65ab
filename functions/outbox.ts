import { app } from '@azure/functions'
import { deliver } from '../src/activities/deliver.ts'
import { withLog } from '../src/adapters/log.ts'
import { OUTBOX_QUEUE } from '../src/adapters/outbox.ts'
import { getApp } from '../src/app.ts'
import type { AnyNotice } from '../src/domain/notice.ts'

app.storageQueue('outbox', {
  queueName: OUTBOX_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const notice = message as AnyNotice
    return withLog(context, about(notice), () => deliver(getApp().ports, notice))
  },
})

// Tried as often as host.json says: somebody has to know. The change itself stands, only the telling failed.
app.storageQueue('outboxPoison', {
  queueName: `${OUTBOX_QUEUE}-poison`,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    return withLog(context, about(message as AnyNotice), async () =>
      getApp().ports.log.error('A notice could not be delivered and was given up.'),
    )
  },
})

function about(notice: AnyNotice) {
  if ('digest' in notice) return { week: notice.digest?.week, person: notice.personId, notice: notice.kinds }
  if ('incident' in notice) return { incidentId: notice.incident?.id, notice: notice.kinds }
  const subject =
    'eligibility' in notice ? { eligibilityId: notice.eligibility?.id } : { requestId: notice.request?.id }
  return { ...subject, notice: notice.kinds }
}

import { app } from '@azure/functions'
import { deliver } from '../src/activities/deliver.ts'
import { withLog } from '../src/adapters/log.ts'
import { OUTBOX_QUEUE } from '../src/adapters/outbox.ts'
import { getApp } from '../src/app.ts'
import type { IncidentNotice, Notice } from '../src/domain/notice.ts'

app.storageQueue('outbox', {
  queueName: OUTBOX_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const notice = message as Notice | IncidentNotice
    return withLog(context, about(notice), () => deliver(getApp().ports, notice))
  },
})

// Tried as often as host.json says: somebody has to know. The change itself stands, only the telling failed.
app.storageQueue('outboxPoison', {
  queueName: `${OUTBOX_QUEUE}-poison`,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    return withLog(context, about(message as Notice | IncidentNotice), async () =>
      getApp().ports.log.error('A notice could not be delivered and was given up.'),
    )
  },
})

const about = (notice: Notice | IncidentNotice) =>
  'incident' in notice
    ? { incidentId: notice.incident.id, notice: notice.kinds }
    : { requestId: notice.request?.id, notice: notice.kinds }

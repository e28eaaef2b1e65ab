import { app } from '@azure/functions'
import { deliver } from '../src/activities/deliver.ts'
import { withLog } from '../src/adapters/log.ts'
import { OUTBOX_QUEUE } from '../src/adapters/outbox.ts'
import { getApp } from '../src/app.ts'
import type { Notice } from '../src/domain/notice.ts'

app.storageQueue('outbox', {
  queueName: OUTBOX_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const notice = message as Notice
    return withLog(context, { requestId: notice.request?.id, notice: notice.kinds }, () =>
      deliver(getApp().ports, notice),
    )
  },
})

// Tried as often as host.json says: somebody has to know. The change itself stands, only the telling failed.
app.storageQueue('outboxPoison', {
  queueName: `${OUTBOX_QUEUE}-poison`,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const { kinds, request } = message as Notice
    return withLog(context, { requestId: request?.id, notice: kinds }, async () =>
      getApp().ports.log.error('A notice could not be delivered and was given up.'),
    )
  },
})

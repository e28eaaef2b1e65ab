import { app, type InvocationContext } from '@azure/functions'
import { deliver } from '../src/activities/deliver.ts'
import { giveUp } from '../src/activities/give-up.ts'
import { withLog } from '../src/adapters/log.ts'
import { OUTBOX_QUEUE } from '../src/adapters/outbox.ts'
import { getApp } from '../src/app.ts'
import { type AnyNotice, subjectOf } from '../src/domain/notice.ts'

app.storageQueue('outbox', {
  queueName: OUTBOX_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const notice = message as AnyNotice
    const attempt = Number(context.triggerMetadata?.dequeueCount ?? 1)
    return withLog(context, about(notice), () => deliver(getApp().ports, notice, attempt))
  },
})

// Tried as often as host.json says: somebody has to know. The change itself stands, only the telling failed.
app.storageQueue('outboxPoison', {
  queueName: `${OUTBOX_QUEUE}-poison`,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const notice = message as AnyNotice
    return withLog(context, about(notice), () => giveUp(getApp().ports, notice, messageId(context)))
  },
})

const messageId = ({ triggerMetadata, invocationId }: InvocationContext) =>
  `${triggerMetadata?.id ?? invocationId}`

const about = (notice: AnyNotice) => ({ subjectId: subjectOf(notice), notice: notice.kinds })

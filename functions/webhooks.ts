import { app } from '@azure/functions'
import { errandGivenUp, runErrand } from '../src/activities/run-errand.ts'
import { withLog } from '../src/adapters/log.ts'
import { WEBHOOK_QUEUE } from '../src/adapters/webhooks/errands.ts'
import { getApp } from '../src/app.ts'
import type { Errand } from '../src/ports.ts'

// A queue of its own: what hangs on its way to a webhook keeps no mail waiting.
app.storageQueue('webhooks', {
  queueName: WEBHOOK_QUEUE,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const errand = message as Errand
    return withLog(context, { ...errand }, () => runErrand(getApp().ports, errand))
  },
})

// That an endpoint fails is no reason to come here: something of ours does not work, for a day.
app.storageQueue('webhooksPoison', {
  queueName: `${WEBHOOK_QUEUE}-poison`,
  connection: 'AzureWebJobsStorage',
  handler: (message, context) => {
    const errand = message as Errand
    return withLog(context, { ...errand }, () => errandGivenUp(getApp().ports, errand))
  },
})

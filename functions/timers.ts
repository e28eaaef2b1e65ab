import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { scan } from '../src/activities/scan.ts'
import { sweep } from '../src/activities/sweep.ts'
import { weeklyDigest } from '../src/activities/weekly-digest.ts'
import { durableWorkflows } from '../src/adapters/durable-functions.ts'
import { withLog } from '../src/adapters/log.ts'
import { getApp } from '../src/app.ts'
import { HOUR, plus } from '../src/domain/schedule.ts'

app.timer('sweep', {
  schedule: '0 */5 * * * *',
  extraInputs: [df.input.durableClient()],
  handler: (_timer, context) =>
    withLog(context, { timer: 'sweep' }, async () => {
      const { ports } = getApp()
      const swept = await sweep(ports, durableWorkflows(df.getClient(context)))
      if (swept.looked > 0) ports.log.info('Swept.', swept)
    }),
})

// Every quarter of an hour, and never at the same time as the sweep, which takes away: that goes first.
app.timer('drift', {
  schedule: '30 2-59/15 * * * *',
  extraInputs: [df.input.durableClient()],
  handler: (_timer, context) =>
    withLog(context, { timer: 'drift' }, async () => {
      const { ports } = getApp()
      const scanned = await scan(ports, durableWorkflows(df.getClient(context)))
      if (scanned.found + scanned.gone + scanned.closed + scanned.restored + scanned.failed > 0)
        ports.log.info('Compared what is held with what should be.', scanned)
    }),
})

// Every half an hour, so that in every time zone it is Monday morning when it goes out; between the looks of the sweep.
app.timer('digest', {
  schedule: '0 7,37 * * * *',
  handler: (_timer, context) =>
    withLog(context, { timer: 'digest' }, async () => {
      const { ports } = getApp()
      const digested = await weeklyDigest(ports)
      if (digested) ports.log.info('The weekly digest is on its way.', digested)
    }),
})

/** Long enough to look into what happened; the request itself, and its trail, stay for good. */
const KEEP_INSTANCES_MILLIS = 30 * 24 * HOUR
const OLDEST = new Date('2020-01-01T00:00:00Z')

// What the workflows of requests that are over have left in the host's own storage would otherwise grow for ever.
app.timer('forgetFinishedWorkflows', {
  schedule: '0 30 3 * * *',
  extraInputs: [df.input.durableClient()],
  handler: (_timer, context) =>
    withLog(context, { timer: 'forgetFinishedWorkflows' }, async () => {
      const { ports } = getApp()
      const { instancesDeleted } = await df.getClient(context).purgeInstanceHistoryBy({
        createdTimeFrom: OLDEST,
        createdTimeTo: plus(ports.now(), -KEEP_INSTANCES_MILLIS),
        runtimeStatus: [
          df.OrchestrationRuntimeStatus.Completed,
          df.OrchestrationRuntimeStatus.Failed,
          df.OrchestrationRuntimeStatus.Terminated,
        ],
      })
      if (instancesDeleted > 0) ports.log.info('Forgot finished workflows.', { instancesDeleted })
    }),
})

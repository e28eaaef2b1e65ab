import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { sweep } from '../src/activities/sweep.ts'
import { durableWorkflows } from '../src/adapters/durable-functions.ts'
import { withLog } from '../src/adapters/log.ts'
import { getApp } from '../src/app.ts'

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

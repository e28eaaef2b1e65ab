import * as df from 'durable-functions'
import { createActivities } from '../src/activities/index.ts'
import { durable } from '../src/adapters/durable-functions.ts'
import { withLog } from '../src/adapters/log.ts'
import { getApp } from '../src/app.ts'
import { workflows } from '../src/workflows/index.ts'

for (const [name, workflow] of Object.entries(workflows))
  df.app.orchestration(name, function* (context) {
    return yield* workflow(durable(context), context.df.getInput())
  } as df.OrchestrationHandler)

const activityNames = ['advanceRequest'] as const satisfies (keyof ReturnType<typeof createActivities>)[]

for (const name of activityNames)
  df.app.activity(name, {
    handler: (input, context) =>
      withLog(context, { activity: name, requestId: input?.requestId }, () =>
        createActivities(getApp().ports)[name](input),
      ),
  })

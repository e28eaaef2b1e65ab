import { app } from '@azure/functions'
import * as df from 'durable-functions'
import { edge } from './edge.ts'
import { routes } from './routes/index.ts'

// Who may call is each route's own affair and is checked by us: a function key in a URL is nobody's proof.
for (const route of routes)
  app.http(route.name, {
    methods: [...route.methods],
    route: route.path,
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: edge(route),
  })

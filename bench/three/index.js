/** What Microsoft's own host was measured with: a bare GET, and three activities one after another. */
const { app } = require('@azure/functions')
const df = require('durable-functions')

app.http('ping', { authLevel: 'anonymous', methods: ['GET'], handler: async () => ({ body: 'pong' }) })

df.app.activity('echo', { handler: async (input) => input })

df.app.orchestration('three', function* (context) {
  yield context.df.callActivity('echo', 1)
  yield context.df.callActivity('echo', 2)
  return yield context.df.callActivity('echo', 3)
})

const { appendFileSync } = require('node:fs')
const { app } = require('@azure/functions')
const { QueueClient } = require('@azure/storage-queue')

const note = (what) =>
  appendFileSync(process.env.NOTES, `${JSON.stringify({ at: new Date().toISOString(), ...what })}\n`)
const queue = () => new QueueClient(process.env.AzureWebJobsStorage, process.env.QUEUE)

app.storageQueue('work', {
  queueName: '%QUEUE%',
  connection: 'AzureWebJobsStorage',
  handler: async (message, { triggerMetadata }) => {
    note({ message, attempt: triggerMetadata.dequeueCount, metadata: Object.keys(triggerMetadata).sort() })
    if (message.slow) await new Promise((wake) => setTimeout(wake, message.slow))
    if (message.chain > 0) {
      const next = Buffer.from(JSON.stringify({ chain: message.chain - 1 })).toString('base64')
      await queue().sendMessage(next)
    }
    if (message.failUntil === undefined || triggerMetadata.dequeueCount >= message.failUntil) return
    throw new Error('queue boom')
  },
})
app.http('send', {
  methods: ['POST'],
  handler: async (request) => {
    await queue().sendMessage(Buffer.from(await request.text()).toString('base64'))
    return { status: 202 }
  },
})

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
/** By hand: a client that the host knows nothing of. */
const sendByFetch = async (message) => {
  const url = await queue().generateSasUrl({ permissions: 'a', expiresOn: new Date('2099-01-01') })
  const text = Buffer.from(JSON.stringify(message)).toString('base64')
  await fetch(url.replace('?', '/messages?'), {
    method: 'POST',
    body: `<QueueMessage><MessageText>${text}</MessageText></QueueMessage>`,
  })
}
if (process.env.HOURLY)
  app.timer('hourly', {
    schedule: '0 0 * * * *',
    handler: async () => {
      const hour = new Date().getUTCHours()
      if (process.env.HOURLY === 'fetch') await sendByFetch({ hour })
      else await queue().sendMessage(Buffer.from(JSON.stringify({ hour })).toString('base64'))
      if (process.env.HOURLY === 'slow') await new Promise((wake) => setTimeout(wake, 60))
    },
  })
app.http('send', {
  methods: ['POST'],
  handler: async (request) => {
    await queue().sendMessage(Buffer.from(await request.text()).toString('base64'))
    return { status: 202 }
  },
})

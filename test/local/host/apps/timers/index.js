const { appendFileSync } = require('node:fs')
const { app } = require('@azure/functions')

/** One line of JSON for every run, so that it outlives the process. */
const note = (timer, context) =>
  appendFileSync(
    process.env.NOTES,
    `${JSON.stringify({ fn: context.functionName, at: new Date().toISOString(), ...timer })}\n`,
  )

app.timer('fiveMinutes', { schedule: '0 */5 * * * *', handler: note })
app.timer('nightly', { schedule: '%NIGHTLY%', handler: note })
app.timer('unwatched', { schedule: '0 30 * * * *', useMonitor: false, handler: note })
if (process.env.RUN_ON_STARTUP)
  app.timer('early', { schedule: '0 0 3 1 1 *', runOnStartup: true, handler: note })
if (process.env.FAILING)
  app.timer('failing', {
    schedule: '0 0 * * * *',
    handler: (timer, context) => {
      note(timer, context)
      throw new Error('timer boom')
    },
  })

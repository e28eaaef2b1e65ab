const { appendFileSync } = require('node:fs')
const { app } = require('@azure/functions')
const df = require('durable-functions')

const note = (line) => process.env.NOTES && appendFileSync(process.env.NOTES, `${line}\n`)
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms))
const later = (ctx, ms) => new Date(ctx.df.currentUtcDateTime.getTime() + ms)

df.app.activity('add', { handler: ({ a, b }) => a + b })
df.app.activity('echo', { handler: (input) => ({ input: input ?? null, type: typeof input }) })
df.app.activity('nothing', { handler: () => undefined })
df.app.activity('slow', {
  handler: async ({ ms, name }) => {
    note(`begin ${name}`)
    await pause(ms)
    note(`end ${name}`)
    return name
  },
})
df.app.activity('boom', {
  handler: (input) => {
    note('boom')
    throw input?.thing ?? new TypeError(input?.message ?? 'x')
  },
})
const attempts = {}
df.app.activity('flaky', {
  handler: ({ name }) => {
    attempts[name] = (attempts[name] ?? 0) + 1
    if (attempts[name] < 3) throw new Error(`${name} ${attempts[name]}`)
    return attempts[name]
  },
})

df.app.orchestration('three', function* (ctx) {
  const a = yield ctx.df.callActivity('add', { a: 1, b: 2 })
  const b = yield ctx.df.callActivity('add', { a, b: 3 })
  return yield ctx.df.callActivity('add', { a: b, b: 4 })
})
df.app.orchestration('echoes', function* (ctx) {
  const results = []
  for (const input of [true, false, null, undefined, '5', '{"a":1}', 7, [1], { a: 'b' }])
    results.push(yield ctx.df.callActivity('echo', input))
  results.push(yield ctx.df.callActivity('nothing'))
  return results
})
df.app.orchestration('fan', function* (ctx) {
  const many = Array.from({ length: ctx.df.getInput().n }, (_, i) =>
    ctx.df.callActivity('add', { a: i, b: 1 }),
  )
  const all = yield ctx.df.Task.all(many)
  return all.reduce((sum, each) => sum + each, 0)
})
df.app.orchestration('big', function* (ctx) {
  const text = 'x'.repeat(ctx.df.getInput().size)
  const first = yield ctx.df.callActivity('echo', { text })
  const second = yield ctx.df.callActivity('echo', { text })
  yield ctx.df.waitForExternalEvent('go')
  return first.input.text.length + second.input.text.length
})
df.app.orchestration('waits', function* (ctx) {
  return yield ctx.df.waitForExternalEvent('go')
})
df.app.orchestration('eventOrTimer', function* (ctx) {
  const { ms, cancel = true, after } = ctx.df.getInput()
  const timer = ctx.df.createTimer(later(ctx, ms))
  const event = ctx.df.waitForExternalEvent('go')
  const winner = yield ctx.df.Task.any([event, timer])
  if (winner === event && cancel) timer.cancel()
  ctx.df.setCustomStatus(winner === event ? 'event' : 'timer')
  if (after) yield ctx.df.waitForExternalEvent(after)
  return winner === event
    ? { event: event.result ?? null }
    : { early: timer.isCompleted, at: ctx.df.currentUtcDateTime }
})
df.app.orchestration('swallows', function* (ctx) {
  const first = ctx.df.waitForExternalEvent('go')
  yield ctx.df.Task.any([first, ctx.df.createTimer(later(ctx, 60_000))])
  yield ctx.df.callActivity('slow', { ms: 400, name: 'between' })
  return yield ctx.df.waitForExternalEvent('go')
})
df.app.orchestration('twoWaits', function* (ctx) {
  if (ctx.df.getInput().together)
    return yield ctx.df.Task.all([ctx.df.waitForExternalEvent('go'), ctx.df.waitForExternalEvent('go')])
  yield ctx.df.callActivity('slow', { ms: ctx.df.getInput().ms ?? 0, name: 'before' })
  return [yield ctx.df.waitForExternalEvent('go'), yield ctx.df.waitForExternalEvent('go')]
})
df.app.orchestration('fails', function* (ctx) {
  yield ctx.df.callActivity('boom', ctx.df.getInput())
})
df.app.orchestration('catches', function* (ctx) {
  try {
    yield ctx.df.callActivity('boom', ctx.df.getInput())
  } catch (error) {
    return { name: error.name, message: error.message.split('\n')[0] }
  }
})
df.app.orchestration('throws', function* (ctx) {
  ctx.df.setCustomStatus({ step: 1 })
  yield ctx.df.callActivity('nothing')
  throw new Error('orch boom')
})
df.app.orchestration('retries', function* (ctx) {
  const { activity, first = 5000, attempts = 3 } = ctx.df.getInput()
  const options = new df.RetryOptions(first, attempts)
  options.backoffCoefficient = 2
  try {
    return yield ctx.df.callActivityWithRetry(activity, options, { name: ctx.df.instanceId })
  } catch (error) {
    return `gave up: ${error.message.split('\n')[0].trim()}`
  }
})
df.app.orchestration('retriesTogether', function* (ctx) {
  const options = new df.RetryOptions(1000, 3)
  const all = yield ctx.df.Task.all([
    ctx.df.callActivityWithRetry('flaky', options, { name: 'left' }),
    ctx.df.callActivity('add', { a: 1, b: 1 }),
    ctx.df.callActivityWithRetry('flaky', options, { name: 'right' }),
  ])
  const race = yield ctx.df.Task.any([
    ctx.df.callActivity('add', { a: all[1], b: 2 }),
    ctx.df.waitForExternalEvent('no'),
  ])
  return { all, race: race.result }
})
df.app.orchestration('openTimer', function* (ctx) {
  const timer = ctx.df.createTimer(later(ctx, 3_600_000))
  yield ctx.df.Task.any([ctx.df.callActivity('nothing'), timer])
  ctx.df.setCustomStatus('returned')
  return 'done'
})
df.app.orchestration('oneFailsOneSlow', function* (ctx) {
  try {
    yield ctx.df.Task.all([
      ctx.df.callActivity('boom'),
      ctx.df.callActivity('slow', { ms: 200, name: 'slow sibling' }),
    ])
  } catch {
    yield ctx.df.callActivity('slow', { ms: 0, name: 'after both' })
  }
})
df.app.orchestration('sleeps', function* (ctx) {
  yield ctx.df.createTimer(later(ctx, ctx.df.getInput().ms))
  yield ctx.df.callActivity('slow', { ms: 0, name: 'woke' })
  return ctx.df.currentUtcDateTime.toISOString()
})
df.app.orchestration('unknownActivity', function* (ctx) {
  yield ctx.df.callActivity('noSuchThing')
})
df.app.orchestration('subs', function* (ctx) {
  yield ctx.df.callSubOrchestrator('three')
})
df.app.orchestration('again', function* (ctx) {
  yield ctx.df.callActivity('nothing')
  ctx.df.continueAsNew({})
})
df.app.orchestration('steps', function* (ctx) {
  for (const { ms, name } of ctx.df.getInput()) yield ctx.df.callActivity('slow', { ms, name })
  return 'all'
})
let coin = 0
df.app.orchestration('tossesACoin', function* (ctx) {
  coin++
  yield ctx.df.callActivity(coin % 2 === 1 ? 'nothing' : 'add', {})
  yield ctx.df.callActivity('nothing')
})

app.http('client', {
  route: 'client/{op}/{id?}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context)
    const { op, id } = request.params
    const body = await request.json().catch(() => undefined)
    const operations = {
      start: () => client.startNew(body.name, { instanceId: id, input: body.input }),
      status: () => client.getStatus(id, body),
      all: () => client.getStatusAll(),
      by: () => client.getStatusBy({ runtimeStatus: body.runtimeStatus }),
      raise: () => client.raiseEvent(id, body.name, body.data),
      terminate: () => client.terminate(id, 'because'),
      suspend: () => client.suspend(id, 'hold'),
      resume: () => client.resume(id, 'go on'),
      rewind: () => client.rewind(id, 'again'),
      purge: () => client.purgeInstanceHistory(id),
      purgeBy: () =>
        client.purgeInstanceHistoryBy({
          createdTimeFrom: new Date(body.from),
          runtimeStatus: body.runtimeStatus,
        }),
      links: () => client.createHttpManagementPayload(id),
    }
    try {
      if (op === 'check') return client.createCheckStatusResponse(request, id)
      if (op === 'wait')
        return client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
          timeoutInMilliseconds: body.timeout,
          retryIntervalInMilliseconds: 20,
        })
      return { jsonBody: { value: (await operations[op]()) ?? null } }
    } catch (error) {
      return { status: 418, jsonBody: { error: error.message } }
    }
  },
})
app.http('ping', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'pong' }) })

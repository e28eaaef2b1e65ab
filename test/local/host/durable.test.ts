import { beforeAll, describe, expect, test } from 'vitest'
import type { HostProcess } from '../../../local/host/spawn.ts'
import { eventually, management, newHub, type Status, startApp } from './support.ts'

const hub = newHub()
let host: HostProcess
let durable: ReturnType<typeof management>
beforeAll(async () => {
  host = await startApp('durable', { TASKHUB_NAME: hub })
  durable = management(host)
})

type ClientAnswer = { value?: unknown; error?: string; [address: string]: unknown }

/** Through the SDK's client, inside the app. */
async function client(op: string, id = '', body: unknown = {}) {
  const answer = await fetch(`${host.url}/api/client/${op}${id ? `/${id}` : ''}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as ClientAnswer }
}
const UNKNOWN = 'no-such-instance'

describe('an orchestration', () => {
  test('runs its activities one after another', async () => {
    const status = await durable.run('three')
    expect(status).toMatchObject({ name: 'three', runtimeStatus: 'Completed', input: '', output: 10 })
    expect(Object.keys(status)).toEqual(
      'name instanceId runtimeStatus input customStatus output createdTime lastUpdatedTime'.split(' '),
    )
    expect(status.createdTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  test('hands activities what the real host hands them: booleans as text, null as nothing', async () => {
    const { output } = await durable.run('echoes')
    expect(output).toEqual([
      { input: 'True', type: 'string' },
      { input: 'False', type: 'string' },
      { input: null, type: 'undefined' },
      { input: null, type: 'undefined' },
      { input: '5', type: 'string' },
      { input: '{"a":1}', type: 'string' },
      { input: 7, type: 'number' },
      { input: [1], type: 'object' },
      { input: { a: 'b' }, type: 'object' },
      null,
    ])
  })

  test('fans out over more activities than may run at once', async () => {
    expect((await durable.run('fan', { n: 120 })).output).toBe(7260)
  })

  test('keeps texts longer than a table property or a row of ours takes', async () => {
    const id = await durable.start('big', { size: 150_000 })
    await host.idle()
    await host.restart()
    await durable.raise(id, 'go')
    await host.idle()
    expect((await durable.status(id)).output).toBe(300_000)
  })

  test('fails with the words of the real host', async () => {
    const { runtimeStatus, output } = await durable.run('fails', { message: 'lost\nand found' })
    expect(runtimeStatus).toBe('Failed')
    expect(output).toMatch(
      /^Orchestrator function 'fails' failed: Activity function 'boom' failed: {2}lost\nand found \n \{"\$type"/,
    )
  })

  test.each([
    [{ message: 'x' }, "Activity function 'boom' failed:  x "],
    [{ thing: 'just a string' }, "Activity function 'boom' failed:  just a string "],
    [{ thing: { code: 42, message: 'm' } }, `Activity function 'boom' failed:  {"code":42,"message":"m"} `],
  ])('catches a failed activity as an Error that tells no type: %j', async (input, message) => {
    expect((await durable.run('catches', input)).output).toEqual({ name: 'Error', message })
  })

  test('that throws is Failed, and its custom status survives', async () => {
    expect(await durable.run('throws')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'throws' failed: orch boom",
      customStatus: { step: 1 },
    })
  })

  test('sees a failure among parallel activities only when all of them have settled', async () => {
    const { instanceId } = await durable.run('oneFailsOneSlow')
    const { historyEvents = [] } = await durable.status(instanceId, '?showHistory=true')
    const ends = historyEvents.filter(({ EventType }) => /^Task(Completed|Failed)$/.test(EventType))
    expect(ends.map(({ EventType }) => EventType)).toEqual(['TaskFailed', 'TaskCompleted', 'TaskCompleted'])
    expect(Date.parse(String(ends[2]?.ScheduledTime))).toBeGreaterThanOrEqual(
      Date.parse(String(ends[1]?.Timestamp)),
    )
  })

  test('that does something else the second time fails as non-deterministic', async () => {
    const { runtimeStatus, output } = await durable.run('tossesACoin')
    expect(runtimeStatus).toBe('Failed')
    expect(output).toContain('Non-Deterministic workflow detected')
  })

  test('that calls an activity nobody knows waits for ever, but here the host says so', async () => {
    expect((await durable.run('unknownActivity')).runtimeStatus).toBe('Running')
    expect(host.output()).toContain('calls activity noSuchThing, which does not exist')
  })

  test.each([
    ['subs', 'The local host does not run sub-orchestrations.'],
    ['again', 'The local host does not run continueAsNew.'],
  ])('that asks for what this host leaves out fails and says so: %s', async (name, words) => {
    expect(await durable.run(name)).toMatchObject({
      runtimeStatus: 'Failed',
      output: `Orchestrator function '${name}' failed: ${words}`,
    })
  })
})

describe('events and timers', () => {
  test('an event that comes before its wait is kept, in the order of arrival', async () => {
    const id = await durable.start('twoWaits', { ms: 300 })
    await durable.raise(id, 'go', 'A')
    await durable.raise(id, 'go', 'B')
    await host.idle()
    expect((await durable.status(id)).output).toEqual(['A', 'B'])
  })

  test('of two waits for one name the newest gets the first event', async () => {
    const id = await durable.start('twoWaits', { together: true })
    await host.idle()
    await durable.raise(id, 'go', 'A')
    await durable.raise(id, 'go', 'B')
    await host.idle()
    expect((await durable.status(id)).output).toEqual(['B', 'A'])
  })

  test('an event wins over its timer', async () => {
    const id = await durable.start('eventOrTimer', { ms: 3_600_000 })
    await durable.raise(id, 'go', { yes: true })
    await host.idle()
    expect(await durable.status(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { event: { yes: true } },
    })
  })

  test('the case of an event name matters', async () => {
    const id = await durable.start('waits')
    await durable.raise(id, 'GO', 1)
    await durable.raise(id, 'go', 2)
    await host.idle()
    expect((await durable.status(id)).output).toBe(2)
  })

  test.each([null, 'text', 5, { a: [1] }])('carry any JSON: %j', async (data) => {
    const id = await durable.start('waits')
    await durable.raise(id, 'go', data)
    await host.idle()
    expect((await durable.status(id)).output).toEqual(data)
  })

  test('a timer fires up to a second early: the fraction of its delay is cut off', async () => {
    const id = await durable.start('sleeps', { ms: 3_600_900 })
    await host.idle()
    const { createdTime } = await durable.status(id)
    await host.advance('PT2H')
    const woke = Date.parse(String((await durable.status(id)).output))
    expect(woke - Date.parse(createdTime)).toBeGreaterThanOrEqual(3_600_000)
    const { historyEvents = [] } = await durable.status(id, '?showHistory=true')
    const fireAt = Date.parse(
      String(historyEvents.find(({ EventType }) => EventType === 'TimerFired')?.FireAt),
    )
    expect(fireAt - woke).toBeGreaterThan(500)
    expect(fireAt - woke).toBeLessThan(1000)
  })

  test('a wait that lost to its timer swallows the next event of its name', async () => {
    const id = await durable.start('swallows')
    await host.idle()
    const moved = host.advance('PT1M')
    await eventually(
      () => durable.status(id, '?showHistory=true'),
      ({ historyEvents = [] }) => historyEvents.some(({ EventType }) => EventType === 'TimerFired'),
    )
    await durable.raise(id, 'go', 'swallowed')
    await moved
    expect((await durable.status(id)).runtimeStatus).toBe('Running')
    await durable.raise(id, 'go', 'seen')
    await host.idle()
    expect((await durable.status(id)).output).toBe('seen')
  })

  test('an orchestration is not done while a timer is open that it did not cancel', async () => {
    const id = await durable.start('openTimer')
    await host.idle()
    expect(await durable.status(id)).toMatchObject({
      runtimeStatus: 'Running',
      customStatus: 'returned',
      output: null,
    })
    await host.advance('PT1H')
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'done' })
  })

  test('a cancelled timer still fires, and nobody minds', async () => {
    const id = await durable.start('eventOrTimer', { ms: 60_000, after: 'end' })
    await durable.raise(id, 'go', 1)
    await host.advance('PT2M')
    const { historyEvents = [], runtimeStatus } = await durable.status(id, '?showHistory=true')
    expect(runtimeStatus).toBe('Running')
    expect(historyEvents.map(({ EventType }) => EventType)).toContain('TimerFired')
    await durable.raise(id, 'end')
    await host.idle()
    expect((await durable.status(id)).output).toEqual({ event: 1 })
  })

  test('a retried activity runs again after its delays, which grow', async () => {
    const id = await durable.start('retries', { activity: 'flaky', first: 60_000 })
    await host.idle()
    expect((await durable.status(id)).runtimeStatus).toBe('Running')
    await host.advance('PT61S')
    expect((await durable.status(id)).runtimeStatus).toBe('Running')
    await host.advance('PT2M')
    expect((await durable.status(id)).output).toBe(3)
  })

  test('retries beside each other keep their numbers apart', async () => {
    const id = await durable.start('retriesTogether')
    await host.advance('PT1M')
    expect((await durable.status(id)).output).toEqual({ all: [3, 2, 3], race: 4 })
  })

  test('a retried activity that never succeeds ends with the error of its last attempt', async () => {
    const id = await durable.start('retries', { activity: 'boom', first: 1000, attempts: 2 })
    await host.advance('PT10S')
    const { output, historyEvents = [] } = await durable.status(id, '?showHistory=true')
    expect(output).toBe("gave up: Activity function 'boom' failed:  x")
    expect(historyEvents.filter(({ EventType }) => EventType === 'TaskFailed')).toHaveLength(2)
    expect(historyEvents.filter(({ EventType }) => EventType === 'TimerCreated')).toHaveLength(2)
  })
})

describe('starting', () => {
  test('answers 202 with the addresses to manage the instance, without rewind', async () => {
    const answer = await durable.call('POST', '/orchestrators/waits/my-id', { a: 1 })
    const body = (await answer.json()) as Record<string, string>
    expect(answer.status).toBe(202)
    expect(answer.headers.get('retry-after')).toBe('10')
    expect(answer.headers.get('location')).toBe(body.statusQueryGetUri)
    expect(Object.keys(body)).toEqual(
      'id statusQueryGetUri sendEventPostUri terminatePostUri purgeHistoryDeleteUri restartPostUri suspendPostUri resumePostUri'.split(
        ' ',
      ),
    )
    expect(body.terminatePostUri).toBe(
      `${host.url}/runtime/webhooks/durabletask/instances/my-id/terminate?reason={text}&taskHub=${hub}&connection=Storage&code=local`,
    )
  })

  test.each(["o'clock", 'with space', '@at', '50%', 'ünï', 'Case'])('takes the id %s', async (id) => {
    const answer = await durable.call('POST', `/orchestrators/three/${encodeURIComponent(id)}`)
    expect(await answer.json()).toMatchObject({ id })
    await host.idle()
    expect(await durable.status(encodeURIComponent(id))).toMatchObject({ instanceId: id, output: 10 })
    expect((await durable.call('GET', '/instances/case')).status).toBe(404)
  })

  test('makes an id of 32 hexadecimal digits when none is given', async () => {
    expect(await durable.start('three')).toMatch(/^[0-9a-f]{32}$/)
  })

  test('an id that runs is 409, and the client throws', async () => {
    const id = await durable.start('waits', 1, 'taken')
    await host.idle()
    const answer = await durable.call('POST', `/orchestrators/waits/${id}`, 2)
    expect([answer.status, await answer.json()]).toEqual([
      409,
      { Message: 'An Orchestration instance with the status Running already exists.' },
    ])
    expect((await client('start', id, { name: 'waits' })).body.error).toContain('unexpected status code: 409')
  })

  test('only one of many simultaneous starts of an id wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => durable.call('POST', '/orchestrators/waits/contested', 1)),
    )
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(7)
  })

  test('an id that has ended is overwritten', async () => {
    await durable.start('three', 'first', 'again')
    await host.idle()
    await durable.start('three', 'second', 'again')
    await host.idle()
    expect(await durable.status('again')).toMatchObject({ input: 'second', runtimeStatus: 'Completed' })
  })

  test('an orchestrator nobody knows is accepted, and then fails', async () => {
    const status = await durable.run('noSuchOrchestrator')
    expect(status.runtimeStatus).toBe('Failed')
    expect(status.output).toMatch(
      /^Orchestrator function 'noSuchOrchestrator' failed: The function 'noSuchOrchestrator' doesn't exist/,
    )
  })

  test('takes text that is no JSON as it is', async () => {
    const base = `${host.url}/runtime/webhooks/durabletask/orchestrators/three`
    const answer = await fetch(base, { method: 'POST', body: 'not json' })
    const { id } = (await answer.json()) as { id: string }
    expect((await durable.status(id)).input).toBe('not json')
  })

  test('can wait for the end and answer with the bare output', async () => {
    const answer = await durable.call('POST', '/orchestrators/three?timeout=5&pollingInterval=0.05')
    expect([answer.status, await answer.json()]).toEqual([200, 10])
  })
})

describe('the status', () => {
  test('of an instance that runs is 202 with an address and Retry-After, and 200 once it has ended', async () => {
    const id = await durable.start('waits')
    await host.idle()
    const running = await durable.call('GET', `/instances/${id}?showInput=false`)
    expect([running.status, running.headers.get('retry-after')]).toEqual([202, '5'])
    expect(running.headers.get('location')).toContain(`/instances/${id}?showInput=false`)
    expect(await running.json()).toMatchObject({ input: null, runtimeStatus: 'Running' })
    await durable.raise(id, 'go')
    await host.idle()
    const ended = await durable.call('GET', `/instances/${id}`)
    expect([ended.status, ended.headers.get('location')]).toEqual([200, null])
  })

  test('of a failed instance is 500 when one asks for that', async () => {
    const { instanceId } = await durable.run('throws')
    const query = '?returnInternalServerErrorOnFailure=true'
    expect((await durable.call('GET', `/instances/${instanceId}${query}`)).status).toBe(500)
  })

  test('of an unknown instance is 404 without a body', async () => {
    const answer = await durable.call('GET', `/instances/${UNKNOWN}`)
    expect([answer.status, await answer.text()]).toEqual([404, ''])
  })

  test('shows the history, each activity once, results only when asked for', async () => {
    const { instanceId } = await durable.run('three')
    const shown =
      (await durable.status(instanceId, '?showHistory=true&showHistoryOutput=true')).historyEvents ?? []
    expect(shown.map(({ EventType }) => EventType)).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TaskCompleted',
      'TaskCompleted',
      'ExecutionCompleted',
    ])
    expect(shown[1]).toMatchObject({ FunctionName: 'add', Result: 3 })
    expect(shown[4]).toMatchObject({ OrchestrationStatus: 'Completed', Result: 10 })
    const plain = (await durable.status(instanceId, '?showHistory=true')).historyEvents ?? []
    expect(plain[1]).not.toHaveProperty('Result')
  })

  test('of many can be asked for by status, time and prefix, a page at a time', async () => {
    for (const id of ['list-1', 'list-2', 'list-3']) await durable.start('three', id, id)
    await durable.start('waits', null, 'list-4')
    await host.idle()
    const completed = await durable.call('GET', '/instances?instanceIdPrefix=list-&runtimeStatus=Completed')
    expect(
      ((await completed.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId),
    ).toEqual(['list-1', 'list-2', 'list-3'])
    const seen: string[] = []
    let token: string | null = ''
    while (token !== null) {
      const page: Response = await fetch(
        `${host.url}/runtime/webhooks/durabletask/instances?instanceIdPrefix=list-&top=3`,
        { headers: token ? { 'x-ms-continuation-token': token } : {} },
      )
      seen.push(...((await page.json()) as { instanceId: string }[]).map(({ instanceId }) => instanceId))
      token = page.headers.get('x-ms-continuation-token')
    }
    expect(seen).toEqual(['list-1', 'list-2', 'list-3', 'list-4'])
    const future = await durable.call('GET', '/instances?createdTimeFrom=2999-01-01T00:00:00Z')
    expect(await future.json()).toEqual([])
  })
})

describe('managing', () => {
  test('an event for an unknown instance is 404, for one that has ended 410, without JSON 400', async () => {
    const { instanceId } = await durable.run('three')
    const id = await durable.start('waits')
    expect((await durable.raise(UNKNOWN, 'go')).status).toBe(404)
    expect((await durable.raise(instanceId, 'go')).status).toBe(410)
    const plain = await fetch(`${host.url}/runtime/webhooks/durabletask/instances/${id}/raiseEvent/go`, {
      method: 'POST',
      body: 'text',
    })
    expect([plain.status, await plain.json()]).toEqual([
      400,
      { Message: 'Only application/json request content is supported' },
    ])
    expect((await durable.raise(id, 'go')).status).toBe(202)
  })

  test('terminating ends it with the reason as its output', async () => {
    const id = await durable.start('waits')
    expect((await durable.call('POST', `/instances/${id}/terminate?reason=enough`)).status).toBe(202)
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' })
    expect((await durable.call('POST', `/instances/${id}/terminate`)).status).toBe(410)
    expect((await durable.call('POST', `/instances/${UNKNOWN}/terminate`)).status).toBe(404)
  })

  test('a suspended instance sees nothing until it is resumed, then everything', async () => {
    const id = await durable.start('waits')
    await host.idle()
    await durable.call('POST', `/instances/${id}/suspend?reason=wait`)
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Suspended', output: 'wait' })
    expect((await durable.call('POST', `/instances/${id}/suspend`)).status).toBe(500)
    await durable.raise(id, 'go', 'late')
    await host.restart()
    expect((await durable.status(id)).runtimeStatus).toBe('Suspended')
    await durable.call('POST', `/instances/${id}/resume?reason=on`)
    await host.idle()
    expect(await durable.status(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'late' })
  })

  test('a suspended instance can be terminated', async () => {
    const id = await durable.start('waits')
    await durable.call('POST', `/instances/${id}/suspend`)
    await durable.call('POST', `/instances/${id}/terminate`)
    expect((await durable.status(id)).runtimeStatus).toBe('Terminated')
  })

  test('purging takes what has ended, and refuses what runs', async () => {
    const id = await durable.start('waits')
    await host.idle()
    const refused = await durable.call('DELETE', `/instances/${id}`)
    expect([refused.status, await refused.json()]).toEqual([
      412,
      `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status Running`,
    ])
    await durable.call('POST', `/instances/${id}/terminate`)
    const purged = await durable.call('DELETE', `/instances/${id}`)
    expect([purged.status, await purged.json()]).toEqual([200, { instancesDeleted: 1 }])
    expect((await durable.call('GET', `/instances/${id}`)).status).toBe(404)
    expect((await durable.call('DELETE', `/instances/${id}`)).status).toBe(404)
  })

  test('purging many needs a time', async () => {
    expect((await durable.call('DELETE', '/instances')).status).toBe(400)
    expect((await durable.call('DELETE', '/instances?createdTimeFrom=2999-01-01T00:00:00Z')).status).toBe(404)
  })

  test('restarting makes a new instance with the same input', async () => {
    await durable.start('three', 'same', 'original')
    await host.idle()
    const answer = await durable.call('POST', '/instances/original/restart')
    const { id } = (await answer.json()) as { id: string }
    await host.idle()
    expect(answer.status).toBe(202)
    expect(id).not.toBe('original')
    expect(await durable.status(id)).toMatchObject({ input: 'same', output: 10 })
  })

  test('rewinding is not built', async () => {
    const { instanceId } = await durable.run('throws')
    expect((await durable.call('POST', `/instances/${instanceId}/rewind?reason=x`)).status).toBe(501)
  })

  test('another hub is not here', async () => {
    expect((await durable.call('GET', `/instances/${UNKNOWN}?taskHub=Other`)).status).toBe(404)
  })
})

describe("the SDK's client", () => {
  test('starts, raises, and reads the status', async () => {
    expect((await client('start', 'by-client', { name: 'waits', input: { a: 1 } })).body).toEqual({
      value: 'by-client',
    })
    await client('raise', 'by-client', { name: 'go', data: { b: 2 } })
    await host.idle()
    const { body } = await client('status', 'by-client', { showHistory: true, showInput: true })
    expect(body.value).toMatchObject({ runtimeStatus: 'Completed', input: { a: 1 }, output: { b: 2 } })
  })

  test('is silent when it raises or terminates what has ended, and throws on what nobody knows', async () => {
    const { instanceId } = await durable.run('three')
    expect((await client('raise', instanceId, { name: 'go', data: 1 })).body).toEqual({ value: null })
    expect((await client('terminate', instanceId)).body).toEqual({ value: null })
    for (const op of ['raise', 'terminate', 'suspend', 'resume'])
      expect((await client(op, UNKNOWN, { name: 'go', data: 1 })).body.error).toBe(
        `No instance with ID '${UNKNOWN}' found.`,
      )
    expect((await client('status', UNKNOWN)).body.error).toContain('replied with HTTP 404')
    expect((await client('purge', UNKNOWN)).body).toEqual({ value: { instancesDeleted: 0 } })
  })

  test('suspends, resumes, terminates and purges', async () => {
    await client('start', 'managed', { name: 'waits' })
    await client('suspend', 'managed')
    expect((await durable.status('managed')).runtimeStatus).toBe('Suspended')
    await client('resume', 'managed')
    await client('terminate', 'managed')
    expect(await durable.status('managed')).toMatchObject({ runtimeStatus: 'Terminated', output: 'because' })
    expect((await client('purge', 'managed')).body).toEqual({ value: { instancesDeleted: 1 } })
  })

  test('lists by status and purges by filter', async () => {
    await durable.run('throws')
    const failed = (await client('by', '', { runtimeStatus: ['Failed'] })).body.value as Status[]
    expect(failed.length).toBeGreaterThan(0)
    expect(new Set(failed.map(({ runtimeStatus }) => runtimeStatus))).toEqual(new Set(['Failed']))
    const all = (await client('all')).body.value as Status[]
    expect(all.length).toBeGreaterThan(failed.length)
    const purged = await client('purgeBy', '', { from: '2020-01-01', runtimeStatus: ['Failed'] })
    expect(purged.body).toEqual({ value: { instancesDeleted: failed.length } })
  })

  test('makes a check-status answer with the address the caller used, rewind included', async () => {
    const { status, headers, body } = await client('check', 'some-id')
    expect([status, headers.get('retry-after'), headers.get('location')]).toEqual([
      202,
      '10',
      body.statusQueryGetUri,
    ])
    expect(Object.keys(body)).toHaveLength(9)
    expect(body.rewindPostUri).toContain(`${host.url}/runtime/webhooks/durabletask/instances/some-id/rewind`)
  })

  test('waits for completion, or answers where to look', async () => {
    await client('start', 'quick', { name: 'three' })
    expect(await client('wait', 'quick', { timeout: 5000 })).toMatchObject({ status: 200, body: 10 })
    await client('start', 'long', { name: 'waits' })
    expect((await client('wait', 'long', { timeout: 60 })).status).toBe(202)
  })
})

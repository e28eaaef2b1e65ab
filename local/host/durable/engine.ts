import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { Log } from '../log.ts'
import { createSemaphore } from '../semaphore.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { runActivity } from './activities.ts'
import type { Episode, RunEpisode } from './episode.ts'
import { EventType, type HistoryEvent } from './history.ts'
import { hasEnded, type Instance, newId, newInstance, openWork, type Status } from './instance.ts'
import type { InstanceStore } from './instance-store.ts'
import { timerDue, timerFired } from './timers.ts'

export type Engine = {
  /** Answers the id once the instance is durable, or the status of the one that has the id already. */
  start(
    name: string,
    id: string | undefined,
    input: string | null,
  ): Promise<{ id: string } | { taken: Status }>
  find(id: string): Promise<Instance | undefined>
  /** Resolves once the message is durable. It is dropped when the instance ends first. */
  post(id: string, event: HistoryEvent): Promise<void>
  remove(id: string): Promise<void>
  /** Goes on with all that had not ended when the host last stopped. */
  recover(): Promise<void>
}

type Options = {
  store: InstanceStore
  runEpisode: RunEpisode
  activities: Map<string, HostedFunction>
  invoke: Invoke
  agenda: Agenda
  work: Work
  log: Log
  functionTimeout: number
  rerunAfter: number
  maxConcurrentActivities: number
  maxConcurrentOrchestrators: number
}

type Message = { event: HistoryEvent; durable: () => void }
/** An instance that has not ended: in memory, with the messages it has not seen. */
type Live = { instance: Instance; inbox: Message[]; busy: boolean; alarms: Set<() => void> }

const MOST_REMEMBERED = 500
const RECOVERED_AT_ONCE = 16

export function createEngine(options: Options): Engine {
  const { store, runEpisode, activities, invoke, agenda, work, log } = options
  const activitySlot = createSemaphore(options.maxConcurrentActivities)
  const episodeSlot = createSemaphore(options.maxConcurrentOrchestrators)
  const live = new Map<string, Live>()
  const ended = new Map<string, Instance>()
  const alone = createExclusive()

  const remember = (instance: Instance) => {
    ended.set(instance.id, instance)
    const oldest = ended.keys().next().value
    if (ended.size > MOST_REMEMBERED && oldest !== undefined) ended.delete(oldest)
  }

  const enliven = (instance: Instance): Live => {
    const one: Live = { instance, inbox: [], busy: false, alarms: new Set() }
    live.set(instance.id, one)
    return one
  }

  const retire = (one: Live) => {
    const { id } = one.instance
    for (const cancel of one.alarms) cancel()
    for (const { durable } of one.inbox.splice(0)) durable()
    live.delete(id)
    remember(one.instance)
    store.close(id).catch((error) => log.say(`Noting the end of instance ${id} failed: ${error}`))
  }

  const hasSomethingToDo = ({ inbox, instance }: Live) => inbox.length > 0 || instance.status === 'Pending'

  /** Episodes of one instance come strictly one after another; each is written before its effects begin. */
  const pump = async (one: Live) => {
    if (one.busy) return
    one.busy = true
    const done = work.start(`orchestration ${one.instance.name} ${one.instance.id}`)
    try {
      while (!hasEnded(one.instance) && hasSomethingToDo(one)) {
        const batch = await episodeSlot(async () => {
          const messages = one.inbox.splice(0)
          const episode = await runEpisode(
            one.instance,
            messages.map(({ event }) => event),
          )
          one.instance = await writeUntilDone(episode)
          for (const event of episode.scheduled) dispatch(one, event)
          return messages
        })
        for (const { durable } of batch) durable()
      }
      if (hasEnded(one.instance)) retire(one)
    } finally {
      one.busy = false
      done()
    }
  }

  /** Storage may be away for a while; an instance waits for it rather than forget what it did. */
  const writeUntilDone = async ({ next }: Episode): Promise<Instance> => {
    for (;;) {
      try {
        return await store.write(next)
      } catch (error) {
        log.complain(`Writing instance ${next.id} failed, trying again in a second: ${error}`)
        await new Promise((wake) => setTimeout(wake, 1000))
      }
    }
  }

  const deliver = (one: Live, event: HistoryEvent) =>
    new Promise<void>((durable) => {
      one.inbox.push({ event, durable })
      void pump(one)
    })

  /** A reply to an execution that is over is dropped. */
  const reply = (id: string, executionId: string, event: HistoryEvent) => {
    const one = live.get(id)
    if (one?.instance.executionId === executionId) void deliver(one, event)
  }

  const dispatch = (one: Live, event: HistoryEvent) => {
    if (event.EventType === EventType.TimerCreated) setTimer(one, event)
    else void performActivity(one, event)
  }

  const atDue = (one: Live, due: number, fire: () => void) => {
    const cancel = agenda.at(due, () => {
      one.alarms.delete(cancel)
      fire()
    })
    one.alarms.add(cancel)
  }

  const setTimer = (one: Live, created: HistoryEvent) => {
    const { id, executionId } = one.instance
    atDue(one, timerDue(created), () => reply(id, executionId, timerFired(created)))
  }

  const performActivity = async (one: Live, scheduled: HistoryEvent) => {
    const { id, name, executionId } = one.instance
    const fn = activities.get((scheduled.Name as string).toLowerCase())
    if (!fn) {
      log.complain(
        `Orchestration ${name} (${id}) calls activity ${scheduled.Name}, which does not exist: it will wait for ever.`,
      )
      return
    }
    const done = work.start(`activity ${fn.name}`)
    try {
      const result = await activitySlot(() => runActivity(fn, scheduled, id, invoke, options.functionTimeout))
      reply(id, executionId, result)
    } finally {
      done()
    }
  }

  /** The process that ran it is gone. An activity it may have been running is tried again after a while. */
  const adopt = (instance: Instance): Live => {
    const one = enliven(instance)
    const { activities: unfinished, timers } = openWork(instance)
    for (const scheduled of unfinished) {
      const due = Date.parse(scheduled.Timestamp) + options.rerunAfter
      atDue(one, due, () => void performActivity(one, scheduled))
    }
    for (const created of timers) setTimer(one, created)
    void pump(one)
    return one
  }

  const find = async (id: string): Promise<Instance | undefined> => {
    const known = live.get(id)?.instance ?? ended.get(id)
    if (known) return known
    return alone(id, async () => {
      const found = live.get(id)?.instance ?? (await store.read(id))
      if (!found) return undefined
      if (hasEnded(found)) remember(found)
      else if (!live.has(id)) adopt(found)
      return found
    })
  }

  const startAs = async (instance: Instance): Promise<{ id: string } | { taken: Status }> => {
    const { id } = instance
    const running = live.get(id)
    if (running) return { taken: running.instance.status }
    let previous = ended.get(id)
    if (!previous && !(await store.insert(instance))) {
      previous = await store.read(id)
      if (!previous) return startAs(instance)
    }
    if (previous && !hasEnded(previous)) {
      adopt(previous)
      return { taken: previous.status }
    }
    if (previous) await store.replace(previous, instance)
    ended.delete(id)
    void pump(enliven(instance))
    return { id }
  }

  return {
    find,
    start: (name, id, input) => {
      const instance = newInstance(name, id ?? newId(), input)
      return alone(instance.id, () => startAs(instance))
    },
    async post(id, event) {
      const one = live.get(id)
      if (one) await deliver(one, event)
    },
    remove: (id) =>
      alone(id, async () => {
        const instance = ended.get(id) ?? (await store.read(id))
        ended.delete(id)
        if (instance) await store.remove(instance)
      }),
    async recover() {
      const ids = await store.open()
      const next = async () => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
          const instance = await find(id)
          if (!instance || hasEnded(instance)) await store.close(id)
        }
      }
      await Promise.all(Array.from({ length: RECOVERED_AT_ONCE }, next))
    },
  }
}

/** Work on one id happens one after the other; on different ids at the same time. */
function createExclusive() {
  const last = new Map<string, Promise<unknown>>()
  return <T>(id: string, run: () => Promise<T>): Promise<T> => {
    const before = last.get(id) ?? Promise.resolve()
    const mine = before.then(run, run)
    const settled = mine.catch(() => undefined)
    last.set(id, settled)
    void settled.then(() => {
      if (last.get(id) === settled) last.delete(id)
    })
    return mine
  }
}

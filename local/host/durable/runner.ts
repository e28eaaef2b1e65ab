import type { Agenda } from '../clock/agenda.ts'
import type { Work } from '../clock/work.ts'
import type { Log } from '../log.ts'
import { createSemaphore } from '../semaphore.ts'
import type { HostedFunction } from '../worker/functions.ts'
import type { Invoke } from '../worker/invoke.ts'
import { runActivity } from './activities.ts'
import type { Episode, RunEpisode } from './episode.ts'
import { EventType, type HistoryEvent } from './history.ts'
import { hasEnded, type Instance, openWork } from './instance.ts'
import type { InstanceStore } from './instance-store.ts'
import { timerDue, timerFired } from './timers.ts'

/** Runs the instances that have not ended: they are in memory, each with the messages it has not seen. */
export type Runner = {
  /** The instance as it was last written, when it is one of these. */
  get(id: string): Instance | undefined
  begin(instance: Instance): void
  /** As `begin`, for one whose process is gone: what was open goes on. */
  adopt(instance: Instance): void
  /** Resolves once the message is durable, or the instance has ended without it. */
  deliver(id: string, event: HistoryEvent): Promise<void>
}

export type RunnerOptions = {
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

export function createRunner(options: RunnerOptions, whenEnded: (instance: Instance) => void): Runner {
  const { store, runEpisode, activities, invoke, agenda, work, log } = options
  const activitySlot = createSemaphore(options.maxConcurrentActivities)
  const episodeSlot = createSemaphore(options.maxConcurrentOrchestrators)
  const live = new Map<string, Live>()

  const enliven = (instance: Instance): Live => {
    const one: Live = { instance, inbox: [], busy: false, alarms: new Set() }
    live.set(instance.id, one)
    return one
  }

  const retire = (one: Live) => {
    const { id } = one.instance
    for (const cancel of one.alarms) cancel()
    for (const { durable } of one.inbox.splice(0)) durable()
    if (live.get(id) === one) live.delete(id)
    whenEnded(one.instance)
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
  const adopt = (instance: Instance): void => {
    const one = enliven(instance)
    const { activities: unfinished, timers } = openWork(instance)
    for (const scheduled of unfinished) {
      const due = Date.parse(scheduled.Timestamp) + options.rerunAfter
      atDue(one, due, () => void performActivity(one, scheduled))
    }
    for (const created of timers) setTimer(one, created)
    void pump(one)
  }

  return {
    get: (id) => live.get(id)?.instance,
    begin: (instance) => void pump(enliven(instance)),
    adopt,
    async deliver(id, event) {
      const one = live.get(id)
      if (one) await deliver(one, event)
    },
  }
}

import { createExclusive } from '../exclusive.ts'
import type { HistoryEvent } from './history.ts'
import { hasEnded, type Instance, newId, newInstance, type Status } from './instance.ts'
import { createRunner, type RunnerOptions } from './runner.ts'

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

const MOST_REMEMBERED = 500
const RECOVERED_AT_ONCE = 16

/** Knows every instance: those that run, those that ended lately, and through the store all others. */
export function createEngine(options: RunnerOptions): Engine {
  const { store, log, work } = options
  const ended = new Map<string, Instance>()
  const alone = createExclusive()

  const remember = (instance: Instance) => {
    ended.set(instance.id, instance)
    const oldest = ended.keys().next().value
    if (ended.size > MOST_REMEMBERED && oldest !== undefined) ended.delete(oldest)
  }

  const runner = createRunner(options, (instance) => {
    remember(instance)
    store
      .close(instance.id)
      .catch((error) => log.say(`Noting the end of instance ${instance.id} failed: ${error}`))
  })

  const find = async (id: string): Promise<Instance | undefined> => {
    const known = runner.get(id) ?? ended.get(id)
    if (known) return known
    return alone(id, async () => {
      const found = runner.get(id) ?? (await store.read(id))
      if (!found) return undefined
      if (hasEnded(found)) remember(found)
      else if (!runner.get(id)) runner.adopt(found)
      return found
    })
  }

  const startAs = async (instance: Instance): Promise<{ id: string } | { taken: Status }> => {
    const { id } = instance
    const running = runner.get(id)
    if (running && !hasEnded(running)) return { taken: running.status }
    let previous = ended.get(id)
    if (!previous && !(await store.insert(instance))) {
      previous = await store.read(id)
      if (!previous) return startAs(instance)
    }
    if (previous && !hasEnded(previous)) {
      runner.adopt(previous)
      return { taken: previous.status }
    }
    if (previous) await store.replace(previous, instance)
    ended.delete(id)
    runner.begin(instance)
    return { id }
  }

  return {
    find,
    start: (name, id, input) => {
      const instance = newInstance(name, id ?? newId(), input)
      return alone(instance.id, () => startAs(instance))
    },
    post: runner.deliver,
    remove: (id) =>
      alone(id, async () => {
        const instance = ended.get(id) ?? (await store.read(id))
        ended.delete(id)
        if (instance) await store.remove(instance)
      }),
    async recover() {
      const ids = (await store.open()).reverse()
      const next = async () => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
          const instance = await find(id)
          if (!instance || hasEnded(instance)) await store.close(id)
        }
      }
      // The host need not wait for that: one that is asked for meanwhile is read at once.
      const done = work.start('reading the instances that have not ended')
      Promise.all(Array.from({ length: RECOVERED_AT_ONCE }, next))
        .catch((error) => log.complain(`Reading the instances that have not ended failed: ${error}`))
        .finally(done)
    },
  }
}

/**
 * A promise that settles synchronously. A replay must go on inside the very event that settles a step,
 * otherwise the steps after it would get other numbers than they had the first time.
 */
export type Task = {
  state: 'open' | 'done' | 'failed'
  settle(state: 'done' | 'failed'): void
  whenSettled(next: (task: Task) => void): void
}

export function openTask(): Task {
  const listeners: ((task: Task) => void)[] = []
  const task: Task = {
    state: 'open',
    settle(state) {
      if (task.state !== 'open') return
      task.state = state
      for (const listener of listeners) listener(task)
    },
    whenSettled(next) {
      if (task.state === 'open') listeners.push(next)
      else next(task)
    },
  }
  return task
}

export function whenAny(tasks: Task[]): Task {
  const any = openTask()
  for (const task of tasks) task.whenSettled(() => any.settle('done'))
  return any
}

/** Unlike the SDK's, which fails fast, this one waits for all: so does the real host. */
export function whenAll(tasks: Task[]): Task {
  const all = openTask()
  let left = tasks.length
  let failed = false
  for (const task of tasks)
    task.whenSettled(({ state }) => {
      failed ||= state === 'failed'
      left--
      if (left === 0) all.settle(failed ? 'failed' : 'done')
    })
  return all
}

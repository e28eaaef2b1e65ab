import type { Activities } from '../activities/index.ts'

/** A durable computation: `yield*` it to get its `T`. What it yields inside is the runtime's business. */
// biome-ignore lint/suspicious/noExplicitAny: what a runtime sends back into a generator cannot be typed per yield
export type Step<T> = Generator<unknown, T, any>

type Input<A> = A extends (input: infer I) => unknown ? I : never
type Output<A> = A extends (input: never) => infer R ? Awaited<R> : never

/** All that a workflow may do besides plain computation: tell the time, run an activity, wait. */
export interface Durable {
  /** The same on every replay, unlike the wall clock. */
  readonly now: Date
  /** Runs it, some times again when it fails; throws what it threw last. */
  run<K extends keyof Activities>(activity: K, input: Input<Activities[K]>): Step<Output<Activities[K]>>
  /**
   * True when a change was announced to this turn, false when `deadline` came first (timers may be up to a second
   * early), or some days have passed without either: no wait is longer. What has changed, only the row can say: it is the truth, an announcement a mere wake-up. Carrying
   * nothing, one that comes twice, late or never makes nobody believe what is not so.
   *
   * A turn is waited for once only: on the real engine a wait that has lost to its timer swallows what comes later
   * under the same name.
   */
  changed(turn: number, deadline: Date): Step<boolean>
  /** Until an instant, whatever is announced. */
  sleep(until: Date): Step<void>
}

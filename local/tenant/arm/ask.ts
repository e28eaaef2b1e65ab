import type { Directory } from '../directory/directory.ts'
import type { Call } from '../http.ts'
import type { Azure } from './azure.ts'

/** What a call of ARM is answered from. `scope` is what stands before the provider, as the caller spelt it. */
export type Ask = {
  call: Call
  azure: Azure
  directory: Directory
  callerId: string
  scope: string
  /** The last segment, where the path names one object. */
  name: string
  can(action: string, scope: string): boolean
  /** Throws AuthorizationFailed. */
  demand(action: string, scope: string): void
}

import { ARM } from '../arm/seed-azure.ts'
import { CLIENT_ID, GRAPH } from '../seed.ts'
import { API, SCOPE } from './claims.ts'

/** What a client asked of the access token with the `claims` parameter. */
export type Demand = { acrs: string[]; essential: boolean; cp1: boolean; mfa: boolean }

type Wanted = { essential?: boolean; value?: string; values?: string[] } | null

/** Throws when the text is no JSON. */
export function parseDemand(claims: string | undefined): Demand {
  const parsed = claims ? JSON.parse(claims) : {}
  const token: Record<string, Wanted> = parsed?.access_token ?? {}
  const list = (wanted: Wanted | undefined) =>
    [wanted?.value, ...(wanted?.values ?? [])].filter((v) => typeof v === 'string')
  return {
    acrs: list(token.acrs),
    essential: token.acrs?.essential === true,
    cp1: list(token.xms_cc).some((v) => v.toLowerCase() === 'cp1'),
    mfa: list(token.amr).includes('mfa'),
  }
}

export const demandsSecondFactor = (d: Demand) => d.mfa || (d.acrs.length > 0 && d.essential)

/** The scopes of Entra name their resource in front. */
export const apiScopes = [API, CLIENT_ID].flatMap((r) => [`${r}/${SCOPE}`, `${r}/.default`])
export const graphScopes = [`${GRAPH}/.default`, `${GRAPH}/User.Read`]
export const armScopes = [`${ARM}/.default`, `${ARM}/user_impersonation`]

export function resourceOf(scope: string | undefined): string | undefined {
  const asked = (scope ?? '').split(' ')
  if (asked.some((s) => apiScopes.includes(s))) return API
  if (asked.some((s) => armScopes.includes(s))) return ARM
  return asked.some((s) => graphScopes.includes(s)) ? GRAPH : undefined
}

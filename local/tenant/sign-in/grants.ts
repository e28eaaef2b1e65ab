import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { ARM } from '../arm/seed-azure.ts'
import { GRAPH } from '../seed.ts'
import type { Tenant } from '../tenant.ts'
import { API, appClaims, userClaims } from './claims.ts'
import { apiScopes, armScopes, type Demand, graphScopes, parseDemand } from './demand.ts'

/** Per grant, what its tokens say beyond the person: the library has no room for it. */
export type Marks = Map<string, { demand: Demand; mfa: boolean; offline: boolean }>

export const demandOf = (ctx: KoaContextWithOIDC) =>
  parseDemand(ctx.oidc.params?.entra_claims as string | undefined)

/** A grant of its own for every sign-in: consent was given for everybody, what was demanded differs. */
export async function grant(ctx: KoaContextWithOIDC, marks: Marks) {
  const { provider, params, account, client, amr } = ctx.oidc
  const made = new provider.Grant({ accountId: account?.accountId ?? '', clientId: client?.clientId ?? '' })
  made.addOIDCScope('openid profile email offline_access')
  made.addResourceScope(API, apiScopes.join(' '))
  made.addResourceScope(GRAPH, graphScopes.join(' '))
  made.addResourceScope(ARM, armScopes.join(' '))
  const id = await made.save()
  marks.set(id, {
    demand: demandOf(ctx),
    mfa: amr?.includes('mfa') ?? false,
    offline: params?.entra_offline === '1',
  })
  return made
}

type Token = { accountId?: string; grantId?: string; clientId?: string }

export function accessClaims(tenant: Tenant, token: Token, aud: string, marks: Marks) {
  if (!token.accountId) {
    const app = [...tenant.directory.servicePrincipals.values()].find((s) => s.appId === token.clientId)
    if (!app?.accountEnabled) throw new errors.InvalidClient('AADSTS7000112: the application is disabled')
    return appClaims(tenant.origin, app, aud, aud === GRAPH ? app.permissions : [])
  }
  const who = tenant.directory.people.get(token.accountId)
  if (!who) throw new errors.InvalidGrant('AADSTS50034: the user account does not exist')
  const mark = marks.get(token.grantId ?? '')
  const claims = userClaims(tenant.origin, who, {
    cp1: mark?.demand.cp1 ?? false,
    acrs: mark?.mfa ? mark.demand.acrs : [],
  })
  if (aud === ARM) return { ...claims, aud, scp: 'user_impersonation' }
  return aud === GRAPH ? { ...claims, aud, scp: 'User.Read' } : claims
}

import {
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider'
import { ARM } from '../arm/seed-azure.ts'
import { CLIENT_ID, CLIENT_SECRET, GRAPH, TENANT_ID } from '../seed.ts'
import type { Tenant } from '../tenant.ts'
import { API, issuer, LIFETIME, pairwise } from './claims.ts'
import { apiScopes, armScopes, demandsSecondFactor, graphScopes, parseDemand, resourceOf } from './demand.ts'
import { accessClaims, demandOf, grant, type Marks } from './grants.ts'
import type { memory } from './memory.ts'

const CALLBACK = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/api\/sign-in\/callback$/
const SIGNED_OUT = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/

/** What tokens may be asked for, by the name of the resource. */
const RESOURCES: Record<string, { audience: string; scopes: string[] }> = {
  [API]: { audience: CLIENT_ID, scopes: apiScopes },
  [GRAPH]: { audience: GRAPH, scopes: graphScopes },
  [ARM]: { audience: ARM, scopes: armScopes },
}

/** Entra's endpoints, as a certified OpenID provider has them. Mounted under /<tenant id>. */
export function makeProvider(tenant: Tenant, adapter: ReturnType<typeof memory>, marks: Marks): Provider {
  const provider = new Provider(issuer(tenant.origin), {
    adapter,
    jwks: { keys: tenant.keys.keys as NonNullable<Configuration['jwks']>['keys'] },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        client_name: 'Interim',
        redirect_uris: [`${tenant.appUrl}/api/sign-in/callback`],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        subject_type: 'pairwise',
        id_token_signed_response_alg: 'RS256',
      },
    ],
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      end_session: '/oauth2/v2.0/logout',
      jwks: '/discovery/v2.0/keys',
      userinfo: '/oidc/userinfo',
    },
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: async (_ctx, accountId, client) => pairwise(accountId, client.clientId),
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: {
      openid: ['sub', 'oid', 'tid', 'ver'],
      profile: ['name', 'preferred_username'],
      email: ['email'],
    },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    pkce: { required: () => false },
    extraParams: { entra_claims: checkDemand, entra_offline: null, domain_hint: null },
    cookies: {
      names: { session: 'tenant_session', interaction: 'tenant_interaction', resume: 'tenant_resume' },
    },
    ttl: {
      AccessToken: LIFETIME,
      ClientCredentials: LIFETIME,
      IdToken: LIFETIME,
      Interaction: 3600,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) =>
          oneOf?.[0] ?? resourceOf(ctx.oidc.params?.scope as string | undefined) ?? (undefined as never),
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, resource) {
          const known = RESOURCES[resource]
          if (!known) throw new errors.InvalidTarget()
          const { audience, scopes } = known
          return {
            audience,
            scope: scopes.join(' '),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
    interactions: { policy: policy(), url: (_ctx, interaction) => `/${TENANT_ID}/choose/${interaction.uid}` },
    findAccount: async (_ctx, oid) => account(tenant, oid),
    loadExistingGrant: (ctx) => grant(ctx, marks),
    issueRefreshToken: async (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') && marks.get(source.grantId ?? '')?.offline === true,
    formats: {
      customizers: {
        jwt(_ctx, token, jwt) {
          const { iat, exp } = jwt.payload as { iat: number; exp: number }
          const aud = `${jwt.payload.aud}`
          jwt.header = { typ: 'JWT' }
          jwt.payload = {
            ...accessClaims(tenant, token as never, aud, marks),
            iat,
            nbf: iat,
            exp,
          } as typeof jwt.payload
        },
      },
    },
    renderError(ctx, out) {
      ctx.type = 'json'
      ctx.body = out
    },
  })
  provider.on('server_error', (_ctx, error) => console.error(error))
  // The host's port varies from run to run, so the address cannot be registered beforehand.
  const client = provider.Client.prototype as {
    redirectUriAllowed(uri: string): boolean
    postLogoutRedirectUriAllowed(uri: string): boolean
  }
  client.redirectUriAllowed = (uri) => CALLBACK.test(uri) || uri === `${tenant.appUrl}/api/sign-in/callback`
  client.postLogoutRedirectUriAllowed = (uri) => SIGNED_OUT.test(uri) || uri.startsWith(`${tenant.appUrl}/`)
  return provider
}

/** Consent was given by an administrator, so only signing in is left; and a demanded second factor is part of that. */
function policy() {
  const { Check, base } = interactionPolicy
  const prompts = base()
  prompts.remove('consent')
  prompts.get('login')?.checks.add(
    new Check('second_factor', 'a second factor is demanded', 'interaction_required', (ctx) => {
      const { oidc } = ctx
      const lacking = demandsSecondFactor(demandOf(ctx)) && !oidc.amr?.includes('mfa')
      return lacking ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT
    }),
  )
  return prompts
}

function checkDemand(_ctx: KoaContextWithOIDC, value: string | undefined) {
  try {
    parseDemand(value)
  } catch {
    throw new errors.InvalidRequest('AADSTS50012: the claims parameter is not valid JSON')
  }
}

function account({ directory }: Tenant, oid: string) {
  const who = directory.people.get(oid)
  if (!who?.accountEnabled) return undefined
  const { displayName: name, userPrincipalName: preferred_username, mail: email } = who
  return {
    accountId: oid,
    claims: async () => ({ sub: oid, oid, tid: TENANT_ID, ver: '2.0', name, preferred_username, email }),
  }
}

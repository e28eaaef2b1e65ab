import type { Adapter, AdapterPayload } from 'oidc-provider'

type Kept = { payload: AdapterPayload; until: number }

/** The sign-in library's storage, by the tenant's clock. It outlives a rotation of keys, which makes a new provider. */
export function memory(): (kind: string) => Adapter {
  const kept = new Map<string, Kept>()
  return (kind) => {
    const key = (id: string) => `${kind}/${id}`
    const alive = (id: string) => {
      const one = kept.get(key(id))
      return one && one.until > Date.now() ? one.payload : undefined
    }
    const by = (test: (payload: AdapterPayload) => boolean) =>
      [...kept].find(([k, { payload }]) => k.startsWith(`${kind}/`) && test(payload))?.[1].payload
    return {
      async upsert(id, payload, expiresIn) {
        kept.set(key(id), {
          payload,
          until: expiresIn ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY,
        })
      },
      find: async (id) => alive(id),
      findByUid: async (uid) => by((p) => p.uid === uid),
      findByUserCode: async (code) => by((p) => p.userCode === code),
      async consume(id) {
        const payload = alive(id)
        if (payload) payload.consumed = Math.floor(Date.now() / 1000)
      },
      async destroy(id) {
        kept.delete(key(id))
      },
      async revokeByGrantId(grantId) {
        for (const [k, { payload }] of kept) if (payload.grantId === grantId) kept.delete(k)
      },
    }
  }
}

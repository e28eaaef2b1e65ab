import { z } from 'zod'

/** An address that somebody gives us to send to. Whether what is behind its name may be called is seen at every call, not here. */
export const OutsideUrl = (max: number) =>
  z
    .string()
    .max(max)
    .refine((given) => faultOfUrl(given) === null, { error: ({ input }) => faultOfUrl(`${input}`) ?? '' })

const LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i
/** No more than the plainest form, so that everybody reads it alike. */
export const PLAIN = /^(https?):\/\/([\w.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\/[^\s\\?#]*)?(\?[^\s\\#]*)?$/i

/** Why this is no address to send to; null when it is one. */
function faultOfUrl(given: string): string | null {
  const [, scheme = '', host = '', port = ''] = PLAIN.exec(given) ?? []
  if (!scheme || !z.url().safeParse(given).success)
    return 'must be the full address of an endpoint, https://<host>/<path>, without a user name and without a fragment (#)'
  if (scheme.toLowerCase() === 'https' || LOCAL.test(host + port)) return null
  return 'must begin with https:// (http:// only for this very machine, where WEBHOOK_ALLOWED_HOSTS names it)'
}

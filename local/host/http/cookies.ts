import type { HttpCookie } from '../worker/typed-data.ts'

/** The Set-Cookie line the host writes: attributes in lower case, a path always, the value encoded. */
export function cookieHeader(cookie: HttpCookie): string {
  const expires = cookie.expires && Number(cookie.expires.value.seconds)
  const sameSite = cookie.sameSite?.toLowerCase()
  return [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    // Epoch zero is dropped: an expiry can not be used to delete.
    expires ? `expires=${new Date(expires * 1000).toUTCString()}` : '',
    cookie.maxAge ? `max-age=${cookie.maxAge.value}` : '',
    cookie.domain ? `domain=${cookie.domain.value}` : '',
    `path=${cookie.path?.value ?? '/'}`,
    cookie.secure?.value ? 'secure' : '',
    sameSite && sameSite !== 'none' ? `samesite=${sameSite === 'explicitnone' ? 'none' : sameSite}` : '',
    cookie.httpOnly?.value ? 'httponly' : '',
  ]
    .filter((part) => part !== '')
    .join('; ')
}

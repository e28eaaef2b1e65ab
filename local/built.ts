import { fileURLToPath } from 'node:url'

/** Where the build lies, whether this file is part of it, in a folder of its own, or run as it is. */
const DIST = import.meta.url.endsWith('.js') ? '..' : '../dist'

/** The built file that starts the host or the tenant as a process of its own. */
export const builtMain = (of: 'host' | 'tenant') =>
  fileURLToPath(new URL(`${DIST}/${of}/index.js`, import.meta.url))

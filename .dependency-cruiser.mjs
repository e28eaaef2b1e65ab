/** Who may import whom. Reads top-down: each room, and all it may reach. */
const room = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
})
const never = (name, from, to) => ({ name, severity: 'error', from, to: { path: to } })

const DOMAIN = '^src/domain/'
const PORTS = '^src/ports([.]ts$|/)'
const LIVE = '^src/live/'
const WORDS = '^src/words/'
const ZOD = '(^|/)node_modules/zod/'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    room('domain-is-pure', DOMAIN, [ZOD, '(^|/)node_modules/temporal-polyfill/']),
    room('words-only-say-it', WORDS, [DOMAIN]),
    room('ports-know-the-domain', PORTS, [DOMAIN]),
    room('live-reads-through-ports', LIVE, [DOMAIN, PORTS]),
    room('workflows-are-deterministic', '^src/workflows/', [DOMAIN, '^src/activities/index[.]ts$']),
    room('activities-do-the-io', '^src/activities/', [DOMAIN, PORTS, LIVE, WORDS]),
    room('api-decides-and-starts', '^src/api/', [DOMAIN, PORTS, LIVE, WORDS, ZOD]),
    room('adapters-plug-into-ports', '^src/adapters/', [
      DOMAIN,
      PORTS,
      '^src/workflows/durable[.]ts$',
      '(^|/)node_modules/',
      '^node:|^[a-z_]+$',
    ]),
    room('config-reads-settings', '^src/config[.]ts$', [ZOD]),
    room('app-chooses-adapters', '^src/app[.]ts$', [
      '^src/adapters/',
      '^src/config[.]ts$',
      PORTS,
      '(^|/)node_modules/@azure/identity/', // as a type, and where a setting asks for it
      '^node:|^[a-z_]+$',
    ]),
    {
      name: 'workflows-see-activities-as-types-only',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { path: '^src/activities/', dependencyTypesNot: ['type-only'] },
    },
    never(
      'only-adapters-and-functions-know-the-runtime',
      { path: '^src/', pathNot: '^src/(adapters/|app[.]ts$)' },
      '(^|/)node_modules/(@azure|durable-functions)/',
    ),
    never('nothing-imports-functions', { path: '^src/' }, '^(functions|local|test)/'),
    never('functions-know-no-host', { path: '^functions/' }, '^(local|test)/'),
    never('the-tenant-stands-alone', { path: '^local/tenant/' }, '^(src|functions|test)/|^local/host/'),
    never('the-host-knows-no-app', { path: '^local/host/' }, '^(src|functions|test)/|^local/tenant/'),
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: '^local/host/durable/manag' }, // two halves of one file, still to be parted
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
}

import { app } from '@azure/functions'

const echo = async (request, context) => ({
  jsonBody: {
    fn: context.functionName,
    method: request.method,
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    headers: Object.fromEntries(request.headers),
    length: (await request.arrayBuffer()).byteLength,
  },
})

app.http('echo', { methods: ['GET', 'POST', 'PUT', 'DELETE'], handler: echo })
app.http('headed', { methods: ['GET', 'HEAD', 'OPTIONS'], handler: () => ({ body: 'text' }) })
app.http('q2', { route: 'order/{anything}', handler: echo })
app.http('q1', { route: 'order/fixed', handler: echo })
app.http('wCatchAll', { route: 'w/{*rest}', methods: ['GET'], handler: echo })
app.http('wSpecific', { route: 'w/a/{b}', methods: ['GET', 'DELETE'], handler: echo })
app.http('items', { route: 'Items/{id:int}/{kind:alpha=plain}', handler: echo })
app.http('guid', { route: 'guid/{id:guid}', handler: echo })
app.http('short', { route: 'short/{name:length(2,4)}', handler: echo })
app.http('pattern', { route: 'pattern/{code:regex(^[a-z]{{2}}\\d$)}', handler: echo })
app.http('optional', { route: 'optional/{a}/{b?}', handler: echo })
app.http('file', { route: 'files/{name}.{ext?}', handler: echo })
app.http('admins', { authLevel: 'admin', handler: echo })
app.http('slow', {
  handler: async () => {
    await new Promise((wake) => setTimeout(wake, 300))
    return { body: 'slept' }
  },
})

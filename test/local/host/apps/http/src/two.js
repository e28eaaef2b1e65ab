import { app } from '@azure/functions'

app.http('throws', {
  handler: () => {
    throw new Error('http boom')
  },
})
app.http('nothing', { handler: () => undefined })
app.http('returnsText', { handler: () => 'text' })
app.http('empty', { handler: () => ({}) })
app.http('created', { handler: () => ({ status: 201, headers: { 'X-Mine': 'yes' }, body: 'made' }) })
app.http('json', { handler: () => ({ jsonBody: { a: 1 } }) })
app.http('buffer', { handler: () => ({ body: Buffer.from('bytes') }) })
app.http('cookies', {
  handler: () => ({
    headers: { 'Set-Cookie': 'by=header' },
    cookies: [
      {
        name: 'a',
        value: 'v 1',
        maxAge: 60,
        domain: 'd.example',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      },
      { name: 'gone', value: '', expires: new Date(0) },
    ],
  }),
})
const hooks = []
app.hook.appStart(() => {
  hooks.push('appStart')
})
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooks') hooks.push('before')
})
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooks') context.result = { jsonBody: [...hooks, 'after'] }
})
app.hook.appTerminate(() => console.log('appTerminate ran'))
app.http('hooks', { handler: () => ({}) })

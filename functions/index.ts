import { getApp } from '../src/app.ts'
import './http.ts'
import './outbox.ts'
import './timers.ts'
import './webhooks.ts'
import './workflows.ts'

getApp() // wrong settings are told at start-up, all at once, and not by the first person who calls

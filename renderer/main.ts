import '@xterm/xterm/css/xterm.css'
import './styles/tokens.css'
import './styles/base.css'
import { createApp } from 'vue'
import AppWindow from './app-window.vue'
import { webHost } from './host/web-host.ts'
import { desktopHost } from './host/desktop-host.ts'
import { engineClient } from './rpc/engine-client.ts'
import { appKey } from './state/app.ts'
import { createCommands } from './state/commands.ts'
import { interfaceMemory } from './state/interface-memory.ts'
import { createLabView } from './state/lab-view.ts'
import { createNotices } from './state/notices.ts'
import { createRoute } from './state/route.ts'

const host = desktopHost() ?? webHost()
const engine = engineClient({ open: () => host.open() })
const notices = createNotices()
const memory = interfaceMemory(engine)
const app = createApp(AppWindow)
app.config.errorHandler = (error) => {
  console.error(error)
  notices.report(error)
}
app.provide(appKey, {
  engine,
  host,
  memory,
  notices,
  lab: createLabView(engine, notices),
  route: createRoute(memory),
  commands: createCommands(),
})
app.mount('#app')

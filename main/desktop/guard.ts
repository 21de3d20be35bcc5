/** Puts the policy to work: on everything that Electron creates, before it is used. */
import type { App, Session, WebContents } from 'electron'
import { mayHavePermission, mayNavigate } from './policy.ts'

export interface GuardOptions {
  /** what was refused, for the log */
  readonly onRefused: (what: string) => void
  /** a page asked for an address outside to be opened */
  readonly onExternal: (address: string) => void
}

/** Guards every page that is made from now on, whoever makes it. */
export function guardContents(app: Pick<App, 'on'>, options: GuardOptions): void {
  app.on('web-contents-created', (_event, contents) => guardOne(contents, options))
}

/** The parts of Electron's WebContents that are guarded. */
export type Guarded = Pick<WebContents, 'on' | 'setWindowOpenHandler'>

export function guardOne(contents: Guarded, { onRefused, onExternal }: GuardOptions): void {
  const refuse = (event: { preventDefault(): void }, what: string) => {
    event.preventDefault()
    onRefused(what)
  }
  contents.on('will-navigate', (event) => {
    if (!mayNavigate(event.url)) refuse(event, `to go to ${event.url}`)
  })
  contents.on('will-redirect', (event) => {
    if (!mayNavigate(event.url)) refuse(event, `to be sent to ${event.url}`)
  })
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !mayNavigate(event.url)) refuse(event, `a frame to go to ${event.url}`)
  })
  contents.on('will-attach-webview', (event) => refuse(event, 'a webview'))
  contents.setWindowOpenHandler(({ url }) => {
    onExternal(url)
    return { action: 'deny' }
  })
}

export type GuardedSession = Pick<
  Session,
  'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'webRequest' | 'on'
>

/** Guards what pages of a session share: permissions, requests, devices, downloads. */
export function guardSession(
  session: GuardedSession,
  mayRequest: (address: string) => boolean,
  onRefused: GuardOptions['onRefused'],
): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const may = mayHavePermission(permission, details.requestingUrl)
    if (!may) onRefused(`the permission ${permission}`)
    answer(may)
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    mayHavePermission(permission, requestingOrigin),
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const may = mayRequest(url)
    if (!may) onRefused(`to load ${url}`)
    answer({ cancel: !may })
  })
  // saving goes through a link to something that the page made in memory
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith('blob:') || !mayRequest(item.getURL())) {
      event.preventDefault()
      onRefused(`to save ${item.getURL()}`)
    }
  })
}

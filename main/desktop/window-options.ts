import type { BrowserWindowConstructorOptions } from 'electron'
import type { Place } from './window-place.ts'

export interface WindowWishes {
  readonly preload: string
  readonly place: Place
  readonly dark: boolean
  /** developer tools: in a checkout alone */
  readonly tools: boolean
}

/** How the window is made. Everything that keeps the page apart from the computer is written out, default or not. */
export function windowOptions({ preload, place, dark, tools }: WindowWishes): BrowserWindowConstructorOptions {
  const { maximized: _maximized, ...bounds } = place
  return {
    ...bounds,
    minWidth: 900,
    minHeight: 560,
    show: false,
    title: 'fencelab',
    // what is seen before the page is drawn: the page's own colour, so that nothing flashes
    backgroundColor: dark ? '#0e1217' : '#f4f6f8',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // it would fetch dictionaries
      spellcheck: false,
      devTools: tools,
      // a row goes on behind another window, and so does its picture
      backgroundThrottling: false,
    },
  }
}

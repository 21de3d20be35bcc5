import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { windowOptions } from '../../../main/desktop/window-options.ts'
import { placeWindow, windowPlaceSchema } from '../../../main/desktop/window-place.ts'
import { quietSwitches } from '../../../main/desktop/quiet-switches.ts'
import { readWords } from '../../../main/desktop/words.ts'

const place = { x: 10, y: 20, width: 1300, height: 800, maximized: false }

describe('the window', () => {
  const preferences = (tools: boolean) =>
    windowOptions({ preload: '/p/bridge.cjs', place, dark: true, tools }).webPreferences
  it('keeps the page apart from the computer', () => {
    expect(preferences(false)).toEqual({
      preload: '/p/bridge.cjs',
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
      spellcheck: false,
      devTools: false,
      backgroundThrottling: false,
    })
  })
  it('differs in a checkout by its developer tools alone', () =>
    expect(preferences(true)).toEqual({ ...preferences(false), devTools: true }))
  it('is hidden until there is something to see, in the colour of the page', () => {
    expect(windowOptions({ preload: '', place, dark: false, tools: false })).toMatchObject({
      show: false,
      backgroundColor: '#f4f6f8',
      x: 10,
      y: 20,
      width: 1300,
      height: 800,
    })
  })
})

describe('where the window goes', () => {
  const laptop = { x: 0, y: 25, width: 1440, height: 875 }
  const large = { x: 1440, y: 0, width: 2560, height: 1440 }
  it('is where it was', () =>
    expect(placeWindow({ x: 1500, y: 100, width: 1800, height: 1200, maximized: true }, [laptop, large])).toEqual({
      x: 1500,
      y: 100,
      width: 1800,
      height: 1200,
      maximized: true,
    }))
  it('is where the system puts it, and no larger than the screen, when its own screen is gone', () => {
    expect(placeWindow({ x: 1500, y: 100, width: 1800, height: 1200, maximized: false }, [laptop])).toEqual({
      width: 1440,
      height: 875,
      maximized: false,
    })
  })
  it.each([
    ['to the right of everything', { x: 1439, y: 100 }],
    ['with its title above the screen', { x: 100, y: -500 }],
    ['below the screen', { x: 100, y: 890 }],
    ['to the left of everything', { x: -1300, y: 100 }],
  ])('is not %s', (_, corner) => expect(placeWindow({ ...place, ...corner }, [laptop])).not.toHaveProperty('x'))
  it('at the first start is nothing special', () => {
    expect(placeWindow(v.parse(windowPlaceSchema, {}), [laptop])).toEqual({
      width: 1360,
      height: 860,
      maximized: false,
    })
  })
  it('is read from a file that anybody may have changed', () => {
    for (const wrong of [{ width: -5 }, { x: 0.5 }, { maximized: 'yes' }, { height: 1e9 }])
      expect(v.safeParse(windowPlaceSchema, wrong).success).toBe(false)
  })
})

it('no name is ever looked up by Chromium, and nothing is fetched in the background', () => {
  expect(quietSwitches).toContainEqual(['host-resolver-rules', 'MAP * ~NOTFOUND'])
  expect(quietSwitches.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'disable-background-networking',
      'disable-component-update',
      'disable-domain-reliability',
      'no-pings',
      'no-proxy-server',
    ]),
  )
})

it('its words are found among those of Electron and Chromium', () => {
  expect(readWords(['--inspect=0', '--no-sandbox', '/some/folder', '--testbed=/a b/rack.yaml'])).toEqual({
    testbed: '/a b/rack.yaml',
    selfCheck: false,
  })
  expect(readWords(['.', '--self-check'])).toEqual({ testbed: undefined, selfCheck: true })
})

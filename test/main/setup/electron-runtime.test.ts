import { expect, it } from 'vitest'
import { electronWords, findElectron, whyNoDisplay } from '../../../main/setup/electron-runtime.mjs'

it('there is a window where there is a display', () => {
  expect([
    whyNoDisplay('linux', { DISPLAY: ':0' }),
    whyNoDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' }),
    whyNoDisplay('darwin', {}),
    whyNoDisplay('win32', {}),
  ]).toEqual([undefined, undefined, undefined, undefined])
  expect(whyNoDisplay('linux', { DISPLAY: '' })).toMatch(/no display/)
})

it('Chromium goes without its sandbox for root alone, and that is said', () => {
  expect(electronWords(1000)).toEqual({ words: [], notice: undefined })
  expect(electronWords(0)).toEqual({
    words: ['--no-sandbox'],
    notice: expect.stringContaining('ordinary user') as string,
  })
})

it('Electron is not where there is no program', () => {
  expect(findElectron({ ELECTRON_OVERRIDE_DIST_PATH: '/no/such/folder' })).toBeUndefined()
})

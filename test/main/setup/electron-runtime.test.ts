import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { electronForTests } from '../../../main/setup/electron-for-tests.mjs'
import { electronWords, findElectron, whyNoDisplay } from '../../../main/setup/electron-runtime.mjs'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

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

describe('for the tests', () => {
  const script = (text: string) => {
    const file = join(temporaryDirectory('electron'), 'runtime')
    writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    return file
  }
  it('a program beside the checkout tells where there is a runtime', async () => {
    // where there is one already, nothing else is looked for
    const wanted = findElectron() === undefined ? { ELECTRON_OVERRIDE_DIST_PATH: '/some/folder' } : {}
    expect((await electronForTests(script('echo /some/folder'))).env).toEqual(wanted)
  })

  it('without that program, and where it fails, there is none, and the tests go on', async () => {
    expect((await electronForTests('/no/such/program')).env).toEqual({})
    expect((await electronForTests(script('exit 1'))).env).toEqual({})
  })
})

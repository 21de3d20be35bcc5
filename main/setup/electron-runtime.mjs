// Finds Electron's program, fetches it where that is possible, and decides whether there can be a window at all.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newerNode, root, step } from './prepare.mjs'

const place = join(root, 'node_modules/electron')
const fetchMilliseconds = 10 * 60_000

/** Electron's program where it is installed, or pointed to by ELECTRON_OVERRIDE_DIST_PATH. Nothing is fetched. */
export function findElectron(env = process.env) {
  const pathFile = join(place, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const program = join(env.ELECTRON_OVERRIDE_DIST_PATH || join(place, 'dist'), name)
  return existsSync(program) ? program : undefined
}

/**
 * Electron's package brings no program along: this fetches it, once.
 * @returns the program, or undefined where it cannot be had (a network without a way outside)
 */
export async function fetchElectron() {
  try {
    await step('fetching Electron (once, about 110 MB)', newerNode(), [join(place, 'install.js')], {
      timeout: fetchMilliseconds,
    })
  } catch {
    // why is no news: it could not be had. What then happens is said by whoever asked
    return undefined
  }
  return findElectron()
}

/** Why there cannot be a window on this computer, whatever is installed; undefined where there can. */
export function whyNoDisplay(platform = process.platform, env = process.env) {
  if (platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined
  return 'this computer, or this login, has no display (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

/** Words before all others that Electron needs here, and what a person is told about them. */
export function electronWords(uid = process.getuid?.()) {
  if (uid !== 0) return { words: [], notice: undefined }
  return {
    words: ['--no-sandbox'],
    notice:
      'As root, Chromium has no sandbox of its own: the window shows the files of fencelab alone and reaches no network, but start fencelab as an ordinary user where you can.',
  }
}

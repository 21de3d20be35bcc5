// npm run pack: builds the desktop and packs it into dist/. By default only the folder of the program, which needs nothing
// from outside where ELECTRON_OVERRIDE_DIST_PATH names a folder with Electron; other words go to electron-builder
// (`npm run pack -- --linux deb`), which fetches the tools for those.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildDesktop } from './build-desktop.mjs'
import { newerNode, prepareDependencies, root } from './prepare.mjs'

try {
  await prepareDependencies()
  await buildDesktop()
  const given = process.argv.slice(2)
  const runtime = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const words = [
    ...(given.length > 0 ? given : ['--dir']),
    '--publish',
    'never',
    ...(runtime ? [`--config.electronDist=${runtime}`] : []),
  ]
  const child = spawn(newerNode(), [join(root, 'node_modules/electron-builder/cli.js'), ...words], {
    cwd: root,
    stdio: 'inherit',
  })
  child.once('error', (error) => {
    process.stderr.write(`npm run pack: ${error.message}\n`)
    process.exit(3)
  })
  child.once('exit', (code) => process.exit(code ?? 3))
} catch (error) {
  process.stderr.write(`npm run pack: ${error.message}\n`)
  process.exit(3)
}

// npm start: sets up what is missing, then opens the desktop on the virtual lab. Where there can be no window, it serves
// the same interface in a browser and says why.
import { spawn } from 'node:child_process'
import { buildDesktop } from './build-desktop.mjs'
import { electronWords, fetchElectron, findElectron, whyNoDisplay } from './electron-runtime.mjs'
import { explainMissing, missingPackages, prepareDependencies, preparePackages, root, runFencelab } from './prepare.mjs'

const say = (text) => process.stderr.write(`${text}\n`)
const [testbed, ...more] = process.argv.slice(2)

/** What is missing for the virtual lab. That nothing could be installed keeps nobody from racks and recordings. */
async function packagesMissing() {
  try {
    return await preparePackages()
  } catch (error) {
    say(error.message)
    return missingPackages()
  }
}

/**
 * Opens the window and waits for its end.
 * @returns its exit status, or why there was no window
 */
function openWindow(program) {
  const { words, notice } = electronWords()
  if (notice) say(notice)
  return new Promise((resolve) => {
    let shown = false
    const child = spawn(program, [...words, root, ...(testbed === undefined ? [] : [`--testbed=${testbed}`])], {
      cwd: root,
      stdio: ['inherit', 'pipe', 'inherit'],
    })
    child.stdout.on('data', (text) => {
      shown ||= text.includes('the window is open')
      process.stdout.write(text)
    })
    // a terminal's Ctrl-C reaches the window's process, too, which takes back what is injected; this one waits for it
    process.on('SIGINT', () => undefined)
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.once('error', (error) => resolve({ why: `Electron cannot be started: ${error.message}` }))
    child.once('close', (code, signal) => {
      if (shown || code === 0) resolve({ status: code ?? 3 })
      else resolve({ why: `Electron ended (${signal ?? `exit ${code}`}) before it could show a window` })
    })
  })
}

async function start() {
  if (more.length > 0)
    throw new Error(`it takes one word, a testbed, and was given "${process.argv.slice(2).join(' ')}"`)
  const missing = await packagesMissing()
  await prepareDependencies()
  if (missing.length > 0)
    say(
      `${explainMissing(missing)}The interface opens without the virtual lab: recordings can be looked at and judged, racks can be used.\n`,
    )
  let why = whyNoDisplay()
  if (why === undefined) {
    const program = findElectron() ?? (await fetchElectron())
    if (program === undefined) why = 'Electron is not installed and could not be fetched from here'
    else {
      await buildDesktop()
      const opened = await openWindow(program)
      if (opened.why === undefined) return opened.status
      why = opened.why
    }
  }
  say(
    `No window: ${why}.\nThe same interface is served in a browser on this computer instead. Open the address below in one; from another computer, forward its port first:\n\n    ssh -L PORT:127.0.0.1:PORT this-computer\n`,
  )
  return runFencelab([
    'serve',
    ...(testbed === undefined ? [] : [testbed]),
    ...(missing.length > 0 ? [`--missing=${missing.join(',')}`] : []),
  ])
}

try {
  process.exit(await start())
} catch (error) {
  say(`npm start: ${error.message}`)
  process.exit(3)
}

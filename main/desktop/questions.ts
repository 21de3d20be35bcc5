/** What the window's process asks a person in dialogs of the system: words, and what each button means. */
import { dialog, shell, type BrowserWindow } from 'electron'

/** a list in a dialog is read as a whole or not at all */
const mostLines = 12
const list = (lines: readonly string[]) =>
  [...lines.slice(0, mostLines), ...(lines.length > mostLines ? [`and ${lines.length - mostLines} more`] : [])]
    .map((line) => `• ${line}`)
    .join('\n')

async function choose(
  window: BrowserWindow,
  type: 'question' | 'warning' | 'error' | 'info',
  message: string,
  detail: string,
  buttons: readonly string[],
  safe: number,
): Promise<number> {
  const { response } = await dialog.showMessageBox(window, {
    type,
    message,
    detail,
    buttons: [...buttons],
    defaultId: safe,
    cancelId: safe,
    noLink: true,
  })
  return response
}

export async function askToEnd(window: BrowserWindow, activity: readonly string[]): Promise<'end' | 'stay'> {
  const answer = await choose(
    window,
    'question',
    'Take back what is injected, and quit?',
    list(activity),
    ['Take back and quit', 'Stay'],
    1,
  )
  return answer === 0 ? 'end' : 'stay'
}

export async function askToLeave(window: BrowserWindow): Promise<'wait' | 'leave'> {
  const detail =
    'If fencelab quits now, the hosts take back by themselves what they can, within a minute. The next start offers the rest.'
  const answer = await choose(
    window,
    'warning',
    'What is injected is still being taken back.',
    detail,
    ['Quit at once', 'Wait'],
    1,
  )
  return answer === 0 ? 'leave' : 'wait'
}

export async function tellProblem(window: BrowserWindow, problem: string): Promise<void> {
  await choose(
    window,
    'error',
    'Not everything could be taken back.',
    `${problem}\n\nThe next start of fencelab offers to take back what is left; "fencelab undo" does it alone.`,
    ['Quit'],
    0,
  )
}

export async function askToUndo(window: BrowserWindow, faults: readonly string[]): Promise<boolean> {
  const detail = `An earlier run did not finish. It had injected:\n\n${list(faults)}\n\nThe hosts take back what they can by themselves, within a minute.`
  return (
    (await choose(window, 'warning', 'Take back what an earlier run left?', detail, ['Take it back', 'Not now'], 0)) ===
    0
  )
}

export async function tellUndone(window: BrowserWindow, ok: boolean, said: readonly string[]): Promise<void> {
  await choose(
    window,
    ok ? 'info' : 'error',
    ok ? 'It is taken back.' : 'Not everything could be taken back.',
    list(said),
    ['Close'],
    0,
  )
}

/** Opens an address outside. It is shown first: what a terminal prints is not the person's own words. */
export async function openOutside(window: BrowserWindow, address: string): Promise<void> {
  if ((await choose(window, 'question', 'Open this address in the browser?', address, ['Open', 'Cancel'], 1)) === 0)
    await shell.openExternal(address)
}

export async function chooseFile(window: BrowserWindow, what: 'testbed' | 'folder'): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog(
    window,
    what === 'testbed'
      ? {
          title: 'Open a testbed',
          properties: ['openFile'],
          filters: [{ name: 'Testbeds', extensions: ['yaml', 'yml'] }],
        }
      : { title: 'Add a folder of recordings', properties: ['openDirectory'] },
  )
  return canceled ? undefined : filePaths[0]
}

import { Qmp } from '../hypervisor/qmp.ts'

const limitMilliseconds = 10_000

/**
 * One command to a QEMU monitor from the command line, for faults that are commands: `SOCKET set_link CARD on|off`. The
 * monitor serves one client at a time, so this socket is nobody else's.
 * @throws Error with what the monitor said
 */
export async function monitorCommand(words: readonly string[]): Promise<void> {
  const [socket, command, card, state] = words
  if (socket === undefined || command !== 'set_link' || card === undefined || (state !== 'on' && state !== 'off')) {
    throw new Error('usage: fencelab monitor SOCKET set_link CARD on|off')
  }
  const qmp = await Qmp.connect(socket, AbortSignal.timeout(limitMilliseconds))
  try {
    await qmp.execute('set_link', { name: card, up: state === 'on' })
  } finally {
    qmp.close()
  }
}

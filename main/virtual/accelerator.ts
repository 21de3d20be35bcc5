import { spawn } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectWhenReady } from './qmp.ts'

/**
 * KVM where it really works, software emulation everywhere else. That the device can be opened does not say so: some
 * nested hosts offer it and then refuse a register that QEMU sets, so a processor is started and asked to quit.
 * `FENCELAB_ACCELERATOR=tcg` takes emulation in any case.
 */
export async function chooseAccelerator(signal: AbortSignal): Promise<'kvm' | 'tcg'> {
  if (process.env['FENCELAB_ACCELERATOR'] === 'tcg') return 'tcg'
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK)
  } catch (error) {
    return accelerationRefused(error)
  }
  const directory = await mkdtemp(join(tmpdir(), 'fencelab-kvm-'))
  try {
    return (await startsWithKvm(join(directory, 'monitor'), signal)) ? 'kvm' : 'tcg'
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** No device or no permission is an ordinary answer here, not an error. */
const accelerationRefused = (_error: unknown) => 'tcg' as const

async function startsWithKvm(monitor: string, signal: AbortSignal): Promise<boolean> {
  const child = spawn(
    'qemu-system-x86_64',
    ['-accel', 'kvm', '-cpu', 'max', '-m', '32', '-nodefaults', '-display', 'none', '-S', '-qmp', `unix:${monitor},server=on,wait=off`],
    { stdio: 'ignore', signal },
  )
  const ended = new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
  const alive = () => child.exitCode === null && child.signalCode === null
  const qmp = await connectWhenReady(monitor, alive, signal)
  await qmp?.execute('quit').catch((error: Error) => {
    // it quits, and with it the connection
    if (alive() && !/closed/.test(error.message)) throw error
  })
  return ended
}

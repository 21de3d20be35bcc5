import { spawn } from 'node:child_process'
import { access, constants, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { cacheDirectory } from '../directories.ts'
import { makeFolder } from '../make-folder.ts'
import type { Image } from './image.ts'

export type Accelerator = 'kvm' | 'tcg'

/** A kernel that boots under KVM is through in a second or two; one that is not by then never is. */
const bootMilliseconds = 10_000

/**
 * KVM where it really works, software emulation everywhere else. That the device can be opened does not say so, and
 * neither does a processor that starts: some nested hosts refuse a register that QEMU sets, others run for a while and
 * then stop at an instruction they cannot emulate. So the machines' own kernel is booted to its first program. What was
 * found is kept until this computer is booted anew.
 * `FENCELAB_ACCELERATOR=tcg` takes emulation in any case.
 */
export async function chooseAccelerator(
  image: Pick<Image, 'hash' | 'kernel' | 'initialRamdisk'>,
  signal: AbortSignal,
): Promise<Accelerator> {
  if (process.env['FENCELAB_ACCELERATOR'] === 'tcg') return 'tcg'
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK)
  } catch (error) {
    return accelerationRefused(error)
  }
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const known = await remembered()
  if (known?.boot === boot && known.image === image.hash) return known.accelerator
  const accelerator = (await bootsWithKvm(image, signal)) ? 'kvm' : 'tcg'
  await remember({ boot, image: image.hash, accelerator })
  return accelerator
}

/** No device or no permission is an ordinary answer here, not an error. */
const accelerationRefused = (_error: unknown) => 'tcg' as const

const memory = () => join(cacheDirectory(), 'accelerator.json')
const memorySchema = v.object({ boot: v.string(), image: v.string(), accelerator: v.picklist(['kvm', 'tcg']) })
type Memory = v.InferOutput<typeof memorySchema>

/** What was found earlier. A file that is not there, or not understood, is as good as none: it is made anew. */
async function remembered(): Promise<Memory | undefined> {
  try {
    const read = v.safeParse(memorySchema, JSON.parse(await readFile(memory(), 'utf8')))
    return read.success ? read.output : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

async function remember(found: Memory): Promise<void> {
  makeFolder(cacheDirectory(), 0o777)
  const fresh = `${memory()}.${process.pid}`
  await writeFile(fresh, JSON.stringify(found))
  await rename(fresh, memory())
}

/** The first program of the image says so and restarts the machine, which with `-no-reboot` ends QEMU. */
async function bootsWithKvm(
  { kernel, initialRamdisk }: Pick<Image, 'kernel' | 'initialRamdisk'>,
  signal: AbortSignal,
): Promise<boolean> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(bootMilliseconds)])
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...[
        '-accel',
        'kvm',
        '-cpu',
        'max',
        '-m',
        '256',
        '-nodefaults',
        '-no-user-config',
        '-display',
        'none',
        '-no-reboot',
      ],
      ...['-kernel', kernel, '-initrd', initialRamdisk, '-append', 'console=ttyS0 quiet panic=-1 fencelab.probe'],
      ...['-serial', 'stdio'],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'], signal: limit, killSignal: 'SIGKILL' },
  )
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  })
  signal.throwIfAborted()
  return said.includes('fencelab: boots')
}

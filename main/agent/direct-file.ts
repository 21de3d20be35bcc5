/**
 * A block device for direct I/O: past the page cache, so that an acknowledged write is on the array and a read comes
 * from there. The kernel wants buffers at aligned addresses, which JavaScript cannot ask for; so a larger buffer is
 * taken and the offset in it is found by trying to read.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

const STEP = 16
const ALIGNMENT = 4096

export interface DirectFile {
  /** The buffer to fill before `write` and to look at after `read`; its address suits the device. */
  readonly buffer: Buffer
  /** Writes the first `length` bytes of the buffer. @throws the system's error, with `errno` */
  write(length: number, position: number): Promise<void>
  /** Reads into the buffer. @returns bytes read; fewer than asked at the end of the device */
  read(length: number, position: number): Promise<number>
  close(): Promise<void>
}

/**
 * @param size bytes of the buffer, a multiple of 4096
 * @param mode what is opened: `read` never opens for writing
 * @throws the system's error; Error if no aligned place in the buffer is found
 */
export async function openDirect(
  path: string,
  options: { readonly size: number; readonly mode: 'read' | 'write'; readonly direct: boolean },
): Promise<DirectFile> {
  const access = options.mode === 'read' ? constants.O_RDONLY : constants.O_RDWR | constants.O_DSYNC
  const handle = await open(path, options.direct ? access | constants.O_DIRECT : access)
  try {
    const space = Buffer.allocUnsafeSlow(options.size + ALIGNMENT)
    const offset = options.direct ? await findOffset(handle, space, path) : 0
    const buffer = space.subarray(offset, offset + options.size)
    return {
      buffer,
      async write(length, position) {
        const { bytesWritten } = await handle.write(buffer, 0, length, position)
        if (bytesWritten !== length) throw new Error(`${path}: wrote ${bytesWritten} of ${length} bytes at ${position}`)
      },
      read: async (length, position) => (await handle.read(buffer, 0, length, position)).bytesRead,
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function findOffset(handle: FileHandle, space: Buffer, path: string): Promise<number> {
  for (let offset = 0; offset < ALIGNMENT; offset += STEP) {
    try {
      await handle.read(space, offset, ALIGNMENT, 0)
      return offset
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    }
  }
  throw new Error(
    `${path}: no buffer address suits direct I/O; is it a block device with blocks of at most 4096 bytes?`,
  )
}

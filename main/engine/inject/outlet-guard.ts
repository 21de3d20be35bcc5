import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { stateDirectory } from '../../directories.ts'
import { loadTestbed } from '../../load-testbed.ts'
import { makeFolder } from '../../make-folder.ts'
import { fencelabCommand } from '../../program.ts'
import { until } from '../../until.ts'
import { openLab, type Lab } from '../../lab/lab.ts'

/** The dead-man timer of outlets: no host can switch them back, so a process of this computer does. */
export interface OutletGuard {
  /** the lab is still there */
  renew(): void
  /** the outlets are on again, or somebody else's to care for */
  end(): void
}

const orderSchema = v.object({ testbed: v.string(), outlets: v.array(v.string()), seconds: v.number() })
const lookMilliseconds = 1000
const switchMilliseconds = 120_000

/** Starts a process that outlives this one and switches the outlets on when nobody has renewed it for so many seconds. */
export async function guardOutlets(
  lab: Pick<Lab, 'file'>,
  outlets: readonly string[],
  seconds: number,
): Promise<OutletGuard> {
  const folder = join(stateDirectory(), 'guards')
  makeFolder(folder)
  const file = join(folder, `${randomUUID()}.json`)
  writeFileSync(file, JSON.stringify({ testbed: lab.file, outlets, seconds }), { flush: true })
  const [command = '', ...words] = fencelabCommand('guard-outlets', file)
  const child = spawn(command, words, { detached: true, stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
  return {
    renew() {
      const now = new Date()
      if (existsSync(file)) utimesSync(file, now, now)
    },
    end: () => rmSync(file, { force: true }),
  }
}

/** The process itself: waits until its order is gone, or was not renewed in time. */
export async function keepGuard(file: string): Promise<void> {
  const order = v.parse(orderSchema, JSON.parse(readFileSync(file, 'utf8')))
  const never = new AbortController().signal
  const isOverdue = () => Date.now() - statSync(file).mtimeMs > order.seconds * 1000
  await until(() => !existsSync(file) || isOverdue(), { signal: never, everyMilliseconds: lookMilliseconds })
  if (!existsSync(file)) return
  const lab = openLab(loadTestbed(order.testbed))
  try {
    await Promise.allSettled(
      order.outlets.map((outlet) => lab.power.switch(outlet, true, AbortSignal.timeout(switchMilliseconds))),
    )
  } finally {
    rmSync(file, { force: true })
    await lab.close()
  }
}

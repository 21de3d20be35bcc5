import { createHash } from 'node:crypto'
import type { BlockRead, WriteTry } from '../../../labs/journal/event.ts'
import { readTryOutput, tryBytes, tryMagic, tryModes, writeTryScript } from '../../../labs/sampling/write-try.ts'
import type { TryMode, TryOutput } from '../../../labs/sampling/write-try.ts'
import { lunsFor, type NamedLun } from '../../../labs/testbed/parts.ts'
import type { Testbed } from '../../../labs/testbed/testbed.ts'
import { devicesByLun, findDevices } from '../ready/devices.ts'
import type { Going } from '../going.ts'

type Trying = Pick<Going, 'lab' | 'recorder' | 'started'>

const tryMilliseconds = 60_000

/**
 * Shows on a coordination point, which nothing reserves, that a write of this host can succeed and be seen to; the block is
 * given back what was in it. On the array of the data disk, where there is such a point: the same tool over the same path.
 */
export async function tryControl(trying: Trying, host: string, signal: AbortSignal): Promise<void> {
  const { lab, recorder } = trying
  const devices = await disksOf(trying, host, signal)
  if (devices === undefined) return
  for (const data of lunsFor(lab.testbed, 'data')) {
    const point = controlLuns(lab.testbed, data).find(({ name }) => devices.has(name))
    const device = point && devices.get(point.name)
    if (point === undefined || device === undefined) {
      recorder.append({ type: 'note', text: `${host} sees no coordination point on which a write can be tried` })
      continue
    }
    const place = { host, lun: point, device, block: lab.stack.pure.controlBlock(lab.testbed, host) }
    await recordTry(trying, { ...place, why: 'control' }, signal)
  }
}

/**
 * Tries a write on the host's spare block of every data disk, where it must be refused. The block is read before and after by
 * `reader`, which is the host itself where a reservation lets it read, else somebody who may.
 */
export async function tryAtTheEnd(trying: Trying, host: string, reader: string, signal: AbortSignal): Promise<void> {
  const { lab } = trying
  const block = lab.stack.pure.tryBlock(lab.testbed, host)
  if (block === undefined) return
  const devices = await disksOf(trying, host, signal)
  if (devices === undefined) return
  for (const lun of lunsFor(lab.testbed, 'data')) {
    const device = devices.get(lun.name)
    if (device === undefined) {
      trying.recorder.append({ type: 'note', text: `${host} does not see ${lun.name}: no write can be tried there` })
      continue
    }
    await recordTry(trying, { host, lun, device, block, why: 'end', reader }, signal)
  }
}

/** The coordination points on which a control of a try on this data disk is made, those on the same array first. */
function controlLuns(testbed: Testbed, data: Pick<NamedLun, 'array'>): readonly NamedLun[] {
  const points = lunsFor(testbed, 'coordination')
  const isNear = ({ array }: NamedLun) => array !== undefined && array === data.array
  return [...points.filter(isNear), ...points.filter((point) => !isNear(point))]
}

/** The disks of a host, by LUN; undefined, and noted, where it cannot be asked: a host may die in the middle of a run. */
async function disksOf(
  { lab, recorder }: Trying,
  host: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    return devicesByLun(lab, await findDevices(lab, host, signal))
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'note', text: `no write could be tried by ${host}: ${text}` })
    return undefined
  }
}

interface Place {
  readonly host: string
  readonly lun: NamedLun
  readonly device: string
  readonly block: number
  readonly why: WriteTry['why']
  /** who reads the block, where it is somebody else */
  readonly reader?: string
}

/** A try that cannot be made (no host, no program) is no event: that it is missing is what the judge sees. */
async function recordTry(trying: Trying, place: Place, signal: AbortSignal): Promise<void> {
  const { lab, recorder, started } = trying
  const { host, lun, device, block, why, reader = host } = place
  const content = tryContent(started.run, host, why, recorder.elapsed())
  const sha256 = createHash('sha256').update(content).digest('hex')
  const run = (on: string, disk: string, mode: TryMode) =>
    runSteps(trying, { host: on, lun: lun.name, device: disk, block, mode, content }, signal)
  try {
    const { tried, reads } = await (reader === host
      ? run(host, device, why === 'control' ? 'control' : 'try').then((out) => ({ tried: out, reads: out.reads }))
      : readByAnother())
    const [before, after] = reads.map((read): BlockRead => ({ ...read, host: reader }))
    const { answers, restored } = tried
    const event: WriteTry = {
      type: 'write-try',
      why,
      lun: lun.name,
      device,
      block,
      wrote: sha256,
      answers,
      ...(before && { before }),
      ...(after && { after }),
      ...(restored && { restored }),
    }
    const hostAt = answers.at(-1)?.ended
    recorder.append(event, { host, ...(hostAt !== undefined && { hostAt }) })
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'note', text: `no write could be tried by ${host} on ${lun.name}: ${text}` })
  }

  async function readByAnother(): Promise<{ tried: TryOutput; reads: TryOutput['reads'] }> {
    const disk = devicesByLun(lab, await findDevices(lab, reader, signal)).get(lun.name)
    const read = () => (disk === undefined ? undefined : run(reader, disk, 'read'))
    const before = await read()
    const tried = await run(host, device, 'write')
    const after = await read()
    return { tried, reads: [...(before?.reads ?? []), ...(after?.reads ?? [])] }
  }
}

async function runSteps(
  { lab }: Trying,
  what: {
    readonly host: string
    readonly lun: string
    readonly device: string
    readonly block: number
    readonly mode: TryMode
    readonly content: Buffer
  },
  signal: AbortSignal,
): Promise<TryOutput> {
  const { host, lun, device, block, mode, content } = what
  const { stdout } = await lab.run(host, {
    purpose: mode === 'read' ? `read a spare block of ${lun}` : `try to write a spare block of ${lun}`,
    argv: ['sh', '-c', writeTryScript, 'try', device, String(block), ...tryModes[mode]],
    stdin: content,
    timeoutMs: tryMilliseconds,
    signal,
  })
  return readTryOutput(stdout)
}

/** No two tries write the same, so that what is in the block tells which of them was let through. */
function tryContent(run: string, host: string, why: string, elapsed: number): Buffer {
  const content = Buffer.alloc(tryBytes)
  content.write(`${tryMagic}${JSON.stringify({ run, host, why, elapsed })}`)
  return content
}

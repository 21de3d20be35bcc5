/** The program killed in the middle, hosts that die, machines that must not outlive anybody. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { HostGone } from '../../main/transport/host-error.ts'
import { labIsUp, VirtualLab } from '../../main/virtual/virtual-lab.ts'
import { loadTestbed } from '../../main/load-testbed.ts'
import { until } from '../../main/until.ts'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { runRow } from '../../main/engine/run/run-row.ts'
import { fencelab, type Finished } from './command.ts'
import { openTestLab, place, row, runs, signal, testbedFile } from './lab.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterEach(() => green.restore(signal()))
afterAll(() => green.close())

const within = (seconds: number, everyMilliseconds = 300) => ({
  signal: AbortSignal.timeout(seconds * 1000),
  everyMilliseconds,
})

/** The newest recording, and whether its journal already holds what is looked for. */
function journalHolds(known: ReadonlySet<string>, pattern: RegExp): string | undefined {
  const fresh = existsSync(runs) ? readdirSync(runs).filter((name) => !known.has(name)) : []
  return fresh.find((name) => {
    const file = join(runs, name, 'journal.jsonl')
    return existsSync(file) && pattern.test(readFileSync(file, 'utf8'))
  })
}

const recordings = () => new Set(existsSync(runs) ? readdirSync(runs) : [])

/** Asks again where another program took the node back to its snapshot meanwhile: then the connection was to a life that is over. */
async function linkFlags(node: string, interfaceName: string): Promise<string> {
  const host = green.lab.host(node)
  for (let lost = 0; ; lost += 1) {
    await host.connected(AbortSignal.timeout(60_000))
    try {
      const { stdout } = await green.lab.run(node, {
        purpose: 'flags of the link',
        argv: ['cat', `/sys/class/net/${interfaceName}/flags`],
        timeoutMs: 20_000,
        signal: signal(),
      })
      return stdout.trim()
    } catch (error) {
      if (!(error instanceof HostGone) || lost === 2) throw error
    }
  }
}

test('killed with -9 while a link is down: the link comes back, the next start tells, undo forgets it', async () => {
  const known = recordings()
  const { child, finished } = fencelab('run', testbedFile, 'one-private-network-fails', '--out', runs)
  let run: string | undefined
  await until(() => (run = journalHolds(known, /"step":"applied","ok":true/)) !== undefined, within(120))
  child.kill('SIGKILL')
  await finished
  const text = readFileSync(join(runs, run ?? '', 'journal.jsonl'), 'utf8')
  const node = /"type":"fault".*?"target":\{"node":"(\w+)"/.exec(text)?.[1] ?? ''
  expect(await linkFlags(node, 'priv1')).toBe('0x1002')
  // nobody renews the timer any more: the node reverts by itself
  await until(async () => (await linkFlags(node, 'priv1')) === '0x1003', within(120, 2000))

  const told = await fencelab('status', testbedFile).finished
  expect(told.stdout).toContain(`private link priv1 of ${node} (interface priv1) is down`)
  const judged = await fencelab('judge', join(runs, run ?? '')).finished
  expect({ status: judged.status, inconclusive: judged.stdout.includes('the run has not ended') }).toEqual({
    status: 2,
    inconclusive: true,
  })
  expect((await fencelab('verify', join(runs, run ?? '')).finished).status).toBe(1)
  const undone = await fencelab('undo').finished
  expect({ status: undone.status, told: undone.stderr.includes('undone: private link priv1') }).toEqual({
    status: 0,
    told: true,
  })
  expect((await fencelab('status', testbedFile).finished).stdout).not.toContain('did not finish')
})

test('Ctrl-C takes back what is injected, then stops', async () => {
  const known = recordings()
  const { child, finished } = fencelab('run', testbedFile, 'one-private-network-fails', '--out', runs)
  let early: Finished | undefined
  void finished.then((end) => (early = end))
  await until(
    () => early !== undefined || journalHolds(known, /"step":"verified","ok":true/) !== undefined,
    within(180),
  )
  expect(early).toBeUndefined()
  child.kill('SIGINT')
  const { status } = await finished
  expect(status).toBe(3)
  const run = journalHolds(known, /"type":"run.ended","reason":"stopped"/)
  expect(run).toBeDefined()
  expect(readFileSync(join(runs, run ?? '', 'journal.jsonl'), 'utf8')).toMatch(/"step":"gone","ok":true/)
  expect((await fencelab('status', testbedFile).finished).stdout).not.toContain('did not finish')
})

test('a fault by itself: injected, taken back; what cannot be taken back is gone when the lab is all green again', async () => {
  const alone = await fencelab('fault', testbedFile, 'private-link-down', 'nodea/priv1', '--for', '1s').finished
  expect({ status: alone.status, stdout: alone.stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining('The fault took, and it is gone.') as string,
  })
  const crash = await fencelab('fault', testbedFile, 'node-crash', 'nodeb', '--for', '1s').finished
  expect({ status: crash.status, stdout: crash.stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining('it cannot be taken back') as string,
  })
  expect((await fencelab('status', testbedFile).finished).stdout).toContain('node nodeb was crashed')
  expect(await fencelab('reset', testbedFile).finished).toMatchObject({ status: 0 })
  expect((await fencelab('status', testbedFile).finished).stdout).not.toContain('did not finish')
})

test('the disk under the journal is full: said, healed, nothing left injected', async (context) => {
  if (process.getuid?.() !== 0) {
    console.log('skipped: a small file system can only be mounted by root')
    return context.skip('a small file system can only be mounted by root')
  }
  const small = join(place, 'small')
  mkdirSync(small, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small])
  try {
    const { status, stderr } = await fencelab('run', testbedFile, 'one-private-network-fails', '--out', small).finished
    expect({ status, told: /journal\.jsonl.*(no space|full)/i.test(stderr), stderr }).toMatchObject({
      status: 3,
      told: true,
    })
  } finally {
    execFileSync('umount', [small])
  }
  for (const node of ['nodea', 'nodeb']) expect(await linkFlags(node, 'priv1')).toBe('0x1003')
  expect((await fencelab('status', testbedFile).finished).stdout).not.toContain('did not finish')
})

test('a host that only looks dies in the middle: the run comes to its end, and the lab is all green again', async () => {
  const { directory } = loadTestbed(testbedFile)
  const lab = await VirtualLab.attach(directory)
  let dying: Promise<unknown> | undefined
  const result = await runRow({
    lab: green.lab,
    scenario: row('one-private-network-fails'),
    out: runs,
    onProgress: () => undefined,
    onLine: (line) => {
      if (line.type === 'fault' && line.step === 'applied') dying ??= lab.power('observer', false)
    },
    restore: (s) => green.restore(s),
    signal: signal(),
  })
  await dying
  lab.close()
  expect(result.restored).toBe(true)
  expect(result.lines.at(-1)).toMatchObject({ type: 'run.ended', reason: 'complete' })
  // the nodes themselves still saw everything, or something is missing: wrong it must not be
  expect(['pass', 'inconclusive']).toContain(result.verdict.verdict)
})

test('machines end with their keeper, however it ends, and the lab comes up again', async () => {
  const { directory } = loadTestbed(testbedFile)
  const machines = () =>
    readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`${directory}/`) && commandOf(pid).startsWith('qemu'),
    )
  expect(machines()).toHaveLength(5)
  const keeper = readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && commandOf(pid).includes('keep-lab') && commandOf(pid).includes(directory),
  )
  process.kill(Number(keeper), 'SIGKILL')
  await until(() => machines().length === 0, within(20))
  await green.close()
  const again = fencelab('up', testbedFile)
  expect((await again.finished).status).toBe(0)
  expect(await labIsUp(directory)).toBe(true)
  green = await openTestLab()
})

test('a lab that was started for a run ends with it, even when it is killed', async () => {
  const { directory } = loadTestbed(testbedFile)
  await green.close()
  await (await VirtualLab.attach(directory)).down()
  const { child, finished } = fencelab('run', testbedFile, 'one-private-network-fails', '--out', runs)
  await until(() => labIsUp(directory), within(120))
  child.kill('SIGKILL')
  await finished
  await until(async () => !(await labIsUp(directory)), within(60))
  green = await openTestLab()
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch (error) {
    // a process that ended between the two looks
    return (error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ESRCH'
      ? ''
      : String(error)
  }
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deadMan, disarm, renewDeadMan } from '../../../labs/faults/fault.ts'
import { eventually, folder, killGroup, program, run } from '../sampling/shell.ts'

/**
 * A host of its own: its /run is a folder, and its `sleep` ends when the test says so (`tick`), so that time passes as the
 * test wants it. The undo writes a line into `undone`.
 */
function host({ run: hasRun = true, clock = 'test' as 'test' | 'real' } = {}) {
  const root = folder()
  const place = join(root, 'run')
  if (hasRun) mkdirSync(place)
  const path = program(root, 'unused', 'exit 0\n')
  if (clock === 'test') {
    program(
      root,
      'sleep',
      `PATH=${process.env['PATH']}
n=$(ls ${root}/asleep 2>/dev/null | wc -l); mkdir -p ${root}/asleep; echo $$ >${root}/asleep/$n
while [ ! -e ${root}/tick ]; do sleep 0.01; done
rm ${root}/tick
`,
    )
  }
  const undone = join(root, 'undone')
  const environment = { PATH: `${path}:${process.env['PATH']}`, HOME: join(root, 'home') }
  const shell = (script: string, more: Readonly<Record<string, string>> = {}) =>
    run(script.replaceAll('/run', place), ['1', 'run-1-cut', undone], { ...environment, ...more })
  const file = join(place, 'fencelab', 'dead-man-run-1-cut')
  onTestFinished(() => {
    if (existsSync(file)) killGroup(Number(readFileSync(file, 'utf8')))
  })
  return {
    root,
    file,
    arm: (more?: Readonly<Record<string, string>>) => shell(deadMan('echo "undone $3" >>"$3"'), more),
    renew: (more?: Readonly<Record<string, string>>) => shell(renewDeadMan, more),
    disarm: () => shell(disarm),
    timer: () => Number(readFileSync(file, 'utf8')),
    undone: () => (existsSync(undone) ? readFileSync(undone, 'utf8') : ''),
    expected: `undone ${undone}\n`,
    /** so many sleeps were begun */
    sleeps: (count: number) => eventually(() => existsSync(join(root, 'asleep', String(count - 1)))),
    sleeper: (index: number) => Number(readFileSync(join(root, 'asleep', String(index)), 'utf8')),
    async tick() {
      writeFileSync(join(root, 'tick'), '')
      await eventually(() => !existsSync(join(root, 'tick')))
    },
  }
}
const alive = (pid: number) =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
/** parent, process group and session: fields 4 to 6 of /proc/PID/stat */
const family = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) . /s, '')
    .split(' ')
  return { parent: Number(fields[0]), group: Number(fields[1]), session: Number(fields[2]) }
}
const good = { exit: 0, stdout: '', stderr: '' }

test('it fires when nobody renews it, once, and is gone', async () => {
  const here = host({ clock: 'real' })
  expect(await here.arm()).toEqual(good)
  const timer = here.timer()
  await eventually(() => !alive(timer))
  expect(here.undone()).toBe(here.expected)
  expect(existsSync(here.file)).toBe(false)
})

test('it does not fire while it is renewed, and fires when that ends', async () => {
  const here = host()
  await here.arm()
  for (let round = 1; round <= 4; round += 1) {
    await here.sleeps(round)
    expect(await here.renew()).toEqual(good)
    await here.tick()
  }
  await here.sleeps(5)
  expect(here.undone()).toBe('')
  expect(alive(here.timer())).toBe(true)
  const timer = here.timer()
  await here.tick()
  await eventually(() => !alive(timer))
  expect(here.undone()).toBe(here.expected)
})

test('one renewal is good for one period, not for ever', async () => {
  const here = host()
  await here.arm()
  await here.sleeps(1)
  await here.renew()
  await here.renew()
  await here.tick()
  await here.sleeps(2)
  await here.tick()
  await eventually(() => here.undone() !== '')
})

test('disarmed, it is gone with its sleep, and nothing is undone', async () => {
  const here = host()
  await here.arm()
  await here.sleeps(1)
  await here.renew()
  const [timer, sleeper] = [here.timer(), here.sleeper(0)]
  expect([alive(timer), alive(sleeper)]).toEqual([true, true])
  expect(await here.disarm()).toEqual(good)
  await eventually(() => !alive(timer) && !alive(sleeper))
  expect(here.undone()).toBe('')
  expect([existsSync(here.file), existsSync(`${here.file}.renewed`)]).toEqual([false, false])
})

test('disarming is right at any time: never armed, fired, twice', async () => {
  const here = host()
  expect(await here.disarm()).toEqual(good)
  await here.arm()
  await here.sleeps(1)
  await here.tick()
  await eventually(() => here.undone() !== '' && !existsSync(here.file))
  expect([await here.disarm(), await here.disarm()]).toEqual([good, good])
  expect(here.undone()).toBe(here.expected)
})

test('a file that outlived its timer does not end somebody else’s process', async () => {
  const here = host()
  await here.arm()
  await here.sleeps(1)
  const timer = here.timer()
  onTestFinished(() => killGroup(timer))
  const innocent = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => killGroup(innocent.pid ?? 0))
  writeFileSync(here.file, `${innocent.pid}\n`)
  expect(await here.disarm()).toEqual(good)
  expect(existsSync(here.file)).toBe(false)
  expect([alive(innocent.pid ?? 0), innocent.signalCode]).toEqual([true, null])
})

test('it survives the shell that started it, in a session of its own', async () => {
  const here = host()
  // `arm` resolves when that shell has ended and all its output is closed: the timer holds on to neither
  await here.arm()
  await here.sleeps(1)
  const timer = here.timer()
  expect(family(timer)).toMatchObject({ group: timer, session: timer })
  expect(readFileSync(`/proc/${timer}/cmdline`, 'utf8')).toContain('dead-man-run-1-cut')
  await here.tick()
  await eventually(() => here.undone() !== '')
})

test('renewing what is not there any more is told', async () => {
  const here = host()
  expect((await here.renew()).exit).toBe(1)
})

test('without a /run to write to, it lives in the own directory of the user', async () => {
  for (const [variable, place] of [
    ['XDG_RUNTIME_DIR', 'user'],
    ['HOME', 'house'],
  ] as const) {
    const here = host({ run: false })
    const more = { [variable]: join(here.root, place) }
    expect(await here.arm(more)).toEqual(good)
    const file = join(here.root, place, 'fencelab', 'dead-man-run-1-cut')
    onTestFinished(() => {
      if (existsSync(file)) killGroup(Number(readFileSync(file, 'utf8')))
    })
    expect(alive(Number(readFileSync(file, 'utf8')))).toBe(true)
    expect(await here.renew(more)).toEqual(good)
    expect(existsSync(`${file}.renewed`)).toBe(true)
  }
})

test('where no timer can be kept, arming fails: the fault is not to be applied', async () => {
  const here = host()
  writeFileSync(join(here.root, 'run', 'fencelab'), 'a file where a folder must be')
  const { exit } = await here.arm()
  expect(exit).toBe(1)
})

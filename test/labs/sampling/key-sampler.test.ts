import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSampleReader, keySamplerScript, type Sample } from '../../../labs/sampling/key-sampler.ts'
import { eventually, folder, program, run, start } from './shell.ts'

/**
 * A host with devices that are folders: a read prints `<letter>`, `<letter>.err` and ends with `<letter>.exit`; where
 * there is `attention` it is told first, once.
 */
function host() {
  const root = folder()
  const temporary = join(root, 'tmp')
  mkdirSync(temporary)
  const path = program(
    root,
    'sg_persist',
    `for device; do :; done
echo "$*" >>"${root}/calls"
if [ -e "$device/attention" ]; then
  rm "$device/attention"
  printf 'PR in (Read keys): Unit attention\\nsg_persist failed: Unit attention\\n' >&2
  exit 6
fi
letter=\${3#-}
[ -e "$device/$letter" ] && cat "$device/$letter"
case "$*" in *-vvv*) [ -e "$device/v.err" ] && cat "$device/v.err" >&2 ;; esac
[ -e "$device/$letter.err" ] && cat "$device/$letter.err" >&2
[ -e "$device/$letter.exit" ] && exit $(cat "$device/$letter.exit")
exit 0
`,
  )
  return {
    root,
    temporary,
    environment: { PATH: `${path}:${process.env['PATH']}`, TMPDIR: temporary },
    calls: () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n'),
    device(name: string, files: Readonly<Record<string, string>>) {
      mkdirSync(join(root, name), { recursive: true })
      for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text)
      return join(root, name)
    },
  }
}

const keys =
  '  PR generation=0x4, 2 registered reservation keys follow:\n    0x412d2d2d2d2d2d2d\n    0x422d2d2d2d2d2d2d\n'
const reservation =
  '  PR generation=0x4, Reservation follows:\n    Key=0x1\n    scope: LU_SCOPE,  type: Write Exclusive\n'
const nothing = '  PR generation=0x4, there is NO reservation held\n'
const full = '  PR generation=0x4\n    Key=0x412d2d2d2d2d2d2d\n'

function read(lines: readonly string[]): { samples: Sample[]; rounds: number[] } {
  const reader = createSampleReader()
  const found = lines.flatMap((line) => reader.line(line) ?? [])
  return {
    samples: found.filter((one): one is Sample => 'event' in one),
    rounds: found.flatMap((one) => ('round' in one ? [one.round] : [])),
  }
}
const once = async (here: ReturnType<typeof host>, ...pairs: string[]) => {
  const { exit, stdout, stderr } = await run(keySamplerScript, ['0', '1', 'changed', ...pairs], here.environment)
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  return read(stdout.split('\n').slice(0, -1))
}
const told = ({ event: { lun, action, exit, attempt, stdout, stderr } }: Sample) => ({
  lun,
  action,
  exit,
  attempt,
  stdout,
  stderr,
})

test('one round: keys, reservation and full status of each LUN, in order', async () => {
  const here = host()
  const c1 = here.device('c1', { k: keys, r: reservation, s: full })
  const d1 = here.device('d1', { k: reservation, r: keys, s: '' })
  const { samples, rounds } = await once(here, `coord1=${c1}`, `data1=${d1}`)
  const answer = (lun: string, action: string, stdout: string) => ({
    lun,
    action,
    exit: 0,
    attempt: 1,
    stdout,
    stderr: '',
  })
  expect(samples.map(told)).toEqual([
    answer('coord1', 'keys', keys),
    answer('coord1', 'reservation', reservation),
    answer('coord1', 'full-status', full),
    answer('data1', 'keys', reservation),
    answer('data1', 'reservation', keys),
    answer('data1', 'full-status', ''),
  ])
  expect(rounds).toEqual([1])
  expect(samples.map(({ event }) => event.device)).toEqual([c1, c1, c1, d1, d1, d1])
  expect(here.calls()).toEqual(
    ['k', 'r', 's']
      .map((letter) => `-n -y -${letter} ${c1}`)
      .concat(['k', 'r', 's'].map((letter) => `-n -y -${letter} ${d1}`)),
  )
})

const trace = `open /dev/sda with flags=0x800
    Persistent reservation in cdb: [5e 01 00 00 00 00 00 20 00 00]
      duration=1 ms
    Persistent reservation in: pass-through requested 8192 bytes (data-in) got 8 bytes
    Persistent reservation in: response:
00 00 00 04 00 00 00 00
`

test('an empty table is read again with its bytes, and from then on with them at once, until it is empty no more', async () => {
  const here = host()
  const device = here.device('c1', { k: keys, r: nothing, s: full, 'v.err': trace })
  const sampler = start(keySamplerScript, ['0.05', '0', 'changed', `coord1=${device}`], here.environment)
  const rounds = (count: number) => sampler.seen((lines) => (read(lines).rounds.at(-1) ?? 0) >= count)
  await rounds(3)
  writeFileSync(join(device, 'r'), reservation)
  await rounds((read(sampler.lines).rounds.at(-1) ?? 0) + 3)
  sampler.kill('SIGTERM')
  const { samples } = read(sampler.lines)
  const seen = samples
    .filter(({ event }) => event.action === 'reservation')
    .map(({ event: { attempt, stdout, stderr, bytes } }) => ({ attempt, stdout, stderr, bytes }))
  const empty = { stdout: nothing, stderr: '', bytes: '0000000400000000' }
  expect(seen.slice(0, 3)).toEqual([
    { ...empty, attempt: 1, bytes: undefined },
    { ...empty, attempt: 2 },
    { ...empty, attempt: 1 },
  ])
  expect(seen.at(-1)).toEqual({ attempt: 1, stdout: reservation, stderr: '', bytes: undefined })
  // one command a round: no empty answer but the first was read twice
  expect(seen.filter(({ attempt }) => attempt > 1)).toHaveLength(1)
  expect(
    here
      .calls()
      .filter((call) => call.includes('-r'))
      .at(-1),
  ).toBe(`-n -y -r ${device}`)
})

test('a read that said nothing has no bytes, and keeps what was said of it', async () => {
  const here = host()
  const sense = 'Persistent reservation in:\nFixed format, current; Sense key: No Sense\n'
  const device = here.device('c1', { k: keys, r: nothing, s: full, 'v.err': `      duration=1 ms\n${sense}` })
  const { samples } = await once(here, `coord1=${device}`)
  const last = samples.findLast(({ event }) => event.action === 'reservation')?.event
  expect(last).toMatchObject({ attempt: 2, stdout: nothing, stderr: sense })
  expect(last).not.toHaveProperty('bytes')
})

test('a unit attention is followed by another try, and both are handed on', async () => {
  const here = host()
  const device = here.device('c1', { k: keys, r: reservation, s: full, attention: '' })
  const { samples } = await once(here, `coord1=${device}`)
  const stderr = 'PR in (Read keys): Unit attention\nsg_persist failed: Unit attention\n'
  expect(samples.slice(0, 3).map(told)).toEqual([
    { lun: 'coord1', action: 'keys', exit: 6, attempt: 1, stdout: '', stderr },
    { lun: 'coord1', action: 'keys', exit: 0, attempt: 2, stdout: keys, stderr: '' },
    { lun: 'coord1', action: 'reservation', exit: 0, attempt: 1, stdout: reservation, stderr: '' },
  ])
})

test('a device that never stops telling unit attentions is asked six times, no more', async () => {
  const here = host()
  const device = here.device('c1', { 'k.exit': '6', 'k.err': 'Unit attention\n', r: reservation, s: full })
  const { samples } = await once(here, `coord1=${device}`)
  expect(samples.map(({ event }) => [event.action, event.exit, event.attempt])).toEqual([
    ...[1, 2, 3, 4, 5, 6].map((attempt) => ['keys', 6, attempt]),
    ['reservation', 0, 1],
    ['full-status', 0, 1],
  ])
})

test('a failed read keeps its exit status and its words, also those without a line feed', async () => {
  const here = host()
  const device = here.device('c1', { k: '  PR gen', 'k.exit': '24', 'k.err': 'first\n\nthe last words' })
  const { samples } = await once(here, `coord1=${device}`)
  expect(samples[0] && told(samples[0])).toEqual({
    lun: 'coord1',
    action: 'keys',
    exit: 24,
    attempt: 1,
    stdout: '  PR gen',
    stderr: 'first\n\nthe last words',
  })
})

test('a LUN without a device is a failed read, and no sg_persist is started for it', async () => {
  const here = host()
  const device = here.device('c2', { k: keys })
  const { samples, rounds } = await once(here, 'coord1=/nonexistent', `coord2=${device}`)
  expect(samples.map(told).slice(0, 2)).toEqual([
    { lun: 'coord1', action: 'keys', exit: null, attempt: 1, stdout: '', stderr: 'no such device\n' },
    { lun: 'coord2', action: 'keys', exit: 0, attempt: 1, stdout: keys, stderr: '' },
  ])
  expect(rounds).toEqual([1])
  expect(here.calls().filter((call) => call.includes('nonexistent'))).toEqual([])
})

test('sg_persist that is not installed is a failed read with exit 127', async () => {
  const here = host()
  const device = here.device('c1', {})
  const { stdout } = await run(keySamplerScript, ['0', '1', 'changed', `coord1=${device}`], {
    ...here.environment,
    PATH: only('mktemp', 'rm'),
  })
  const [first] = read(stdout.split('\n').slice(0, -1)).samples
  expect(first && { ...told(first), stderr: /not found/.test(first.event.stderr) }).toEqual({
    lun: 'coord1',
    action: 'keys',
    exit: 127,
    attempt: 1,
    stdout: '',
    stderr: true,
  })
})

/** a PATH with these programs of the system and nothing else */
function only(...names: string[]): string {
  const root = folder()
  return names.map((name) => program(root, name, `PATH=${process.env['PATH']} exec ${name} "$@"\n`)).at(-1) ?? ''
}

test('any text comes through to the letter', async () => {
  const here = host()
  const line = fc.string({
    unit: fc.constantFrom(' ', '\t', '\\', 'n', '%s', '$(x)', '`', '"', "'", '=', '\r', 'é', '•', '*', '0x41'),
  })
  const text = fc
    .tuple(fc.array(line, { maxLength: 4 }), fc.constantFrom('', '\n', '\n\n', '\n\n\n'))
    .map(([lines, end]) => `${lines.join('\n')}${end}`)
    .filter((whole) => !whole.split('\n').some((one) => one === '=E=' || one === '=.='))
  // one shell for all of them: each text is a LUN
  const texts = fc.sample(fc.record({ out: text, err: text, exit: fc.constantFrom('0', '3', '24') }), 40)
  const pairs = texts.map(
    ({ out, err, exit }, index) => `lun${index}=${here.device(`d${index}`, { k: out, 'k.err': err, 'k.exit': exit })}`,
  )
  const { samples } = await once(here, ...pairs)
  const got = samples
    .filter(({ event }) => event.action === 'keys')
    .map(({ event }) => ({ out: event.stdout, err: event.stderr, exit: String(event.exit) }))
  expect(got).toEqual(texts)
})

test('the full status is read again only when the keys changed', async () => {
  const here = host()
  const device = here.device('c1', { k: keys, r: reservation, s: full })
  const sampler = start(keySamplerScript, ['0.05', '0', 'changed', `coord1=${device}`], here.environment)
  const round = (lines: readonly string[]) => read(lines).rounds.at(-1) ?? 0
  await sampler.seen((lines) => round(lines) >= 3)
  writeFileSync(join(device, 'k'), reservation)
  const changedAt = round(sampler.lines)
  // the round that was under way may have read the keys before the change
  await sampler.seen((lines) => round(lines) >= changedAt + 3)
  sampler.kill('SIGTERM')
  const { samples } = read(sampler.lines)
  expect(samples.filter(({ event }) => event.action === 'full-status')).toHaveLength(2)
  const second = samples.findLastIndex(({ event }) => event.action === 'full-status')
  expect(samples.slice(0, second).findLast(({ event }) => event.action === 'keys')?.event.stdout).toBe(reservation)
})

test('the times are those of the uptime of the host, before and after', async () => {
  const here = host()
  const device = here.device('c1', { k: keys })
  const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  const before = uptime()
  const { samples } = await once(here, `coord1=${device}`)
  const after = uptime()
  const times = samples.flatMap(({ event, hostAt }) => [event.began, event.ended, hostAt])
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(times[0]).toBeGreaterThanOrEqual(before)
  expect(times.at(-1)).toBeLessThanOrEqual(after)
})

test('it ends when nobody reads any more, and leaves nothing behind', async () => {
  const here = host()
  const device = here.device('c1', { k: keys })
  const sampler = start(keySamplerScript, ['0.02', '0', 'changed', `coord1=${device}`], here.environment)
  await sampler.seen((lines) => lines.includes('=R= 1'))
  expect(readdirSync(here.temporary)).toHaveLength(2)
  sampler.hangUp()
  expect(await sampler.ended).toBe(0)
  expect(readdirSync(here.temporary)).toEqual([])
})

test.each(['SIGTERM', 'SIGHUP'] as const)('%s to its group ends it in the middle of a long pause', async (signal) => {
  const here = host()
  const device = here.device('c1', { k: keys })
  const asleep = join(here.root, 'asleep')
  program(here.root, 'sleep', `: >${asleep}; PATH=${process.env['PATH']} exec sleep "$@"\n`)
  const sampler = start(keySamplerScript, ['3600', '0', 'changed', `coord1=${device}`], here.environment)
  await eventually(() => existsSync(asleep))
  sampler.kill(signal)
  expect(await sampler.ended).toBe(0)
  expect(readdirSync(here.temporary)).toEqual([])
})

test('a line that is not the script’s is an error that shows it', () => {
  const reader = createSampleReader()
  expect(() => reader.line('bash: cannot set terminal')).toThrow(
    'unexpected line from the key sampler: bash: cannot set terminal',
  )
  expect(() => ['=B= l /dev/x write 1 1 2 0', '=E=', '=.='].map((line) => createdOnce.line(line))).toThrow(
    'unexpected action',
  )
})
const createdOnce = createSampleReader()

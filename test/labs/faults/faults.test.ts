import { expect, test } from 'vitest'
import { faults } from '../../../labs/faults/faults.ts'
import { stateLetter } from '../../../labs/faults/vm-freeze.ts'
import { run } from '../sampling/shell.ts'
import { answers, asked, commandsOf, found, plan, questionsOf, rack, targets } from './plans.ts'

const cut = plan('private-link-down', { node: 'nodea', link: 'priv2' })
const freeze = plan('vm-freeze', { node: 'nodeb' }, found)
const all = Object.keys(faults).map((name) => [name, plan(name, targets[name] ?? {}, found)] as const)

test('every fault goes by its name and says what it needs', () => {
  for (const [name, fault] of Object.entries(faults))
    expect([fault.name, fault.target.length > 0, fault.title !== '']).toEqual([name, true, true])
  expect(Object.keys(targets).sort()).toEqual(Object.keys(faults).sort())
})

test.each(all)('%s says what is to be undone, and its words name what it hits', (name, { undoText }) => {
  for (const word of Object.values(targets[name] ?? {})) expect(undoText).toContain(word)
})

test.each(all)('%s: something proves that it took, and no second witness alone', (_, { verify, gone }) => {
  expect(verify.some(({ secondWitness }) => !secondWitness)).toBe(true)
  // a fault whose gone is empty is never seen to be gone, and is only right where a new start takes it back
  if (gone.length > 0) expect(gone.some(({ secondWitness }) => !secondWitness)).toBe(true)
})

test.each(all)('%s: every timer that it starts is renewed, and ended when it is taken back', (_, planned) => {
  const arming = commandsOf(planned.apply.flat()).filter(({ argv }) => argv[2]?.includes("setsid sh -c 'while sleep"))
  const disarming = commandsOf(planned.revert).filter(({ argv }) => argv[2]?.includes('kill -- "-$timer"'))
  const hosts = (list: readonly { readonly host: string }[]) => list.map(({ host }) => host).sort()
  expect([hosts(planned.timers), hosts(disarming)]).toEqual([hosts(arming), hosts(arming)])
  // the timer's file is named by the first words of each: seconds and id
  for (const [index, { words }] of planned.timers.entries()) {
    expect(words.slice(0, 2)).toEqual(['30', 'run-1-cut'])
    expect(arming[index]?.argv.slice(4)).toEqual(words)
  }
})

test.each(all)('%s: the timers are started in the first stage, before or with what it does', (_, planned) => {
  const [first = []] = planned.apply
  for (const stage of planned.apply.slice(1)) {
    for (const { argv } of commandsOf(stage)) expect(argv[2]).not.toContain('while sleep')
  }
  expect(first.length).toBeGreaterThan(0)
})

test.each(all)('%s: every command is shell without a mistake', async (_, planned) => {
  const scripts = [
    ...commandsOf([...planned.apply.flat(), ...planned.revert]),
    ...questionsOf([...planned.verify, ...planned.gone]),
  ].flatMap(({ argv }) => (argv[0] === 'sh' ? [argv[2] ?? ''] : []))
  for (const script of scripts) {
    const { exit, stderr } = await run('printf "%s" "$1" | sh -n', [script])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  }
})

/** Scripts inside of scripts are only read when they are run: the timer's own, and what it undoes. */
test.each(all)('%s: so is the shell inside of its shell', async (_, planned) => {
  const scripts = commandsOf([...planned.apply.flat(), ...planned.revert]).map(({ argv }) => argv[2] ?? '')
  const inner = scripts.flatMap((script) => [...script.matchAll(/sh -c '([^']*)'/g)].map(([, text]) => text ?? ''))
  for (const script of inner) {
    const { exit, stderr } = await run('printf "%s" "$1" | sh -n', [script])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  }
})

test('a private link is taken down on its node and looked at from both ends', () => {
  expect([cut.undoText, cut.apply.length, cut.apply[0]?.length]).toEqual([
    'private link priv2 of nodea (interface priv2) is down',
    1,
    1,
  ])
  const [command] = commandsOf(cut.apply.flat())
  expect(command?.host).toBe('nodea')
  expect(command?.argv.slice(0, 2).concat(command.argv.slice(3))).toEqual([
    'sh',
    '-c',
    'fault',
    '30',
    'run-1-cut',
    'priv2',
  ])
  expect(asked(cut.verify)).toEqual([
    ['nodea', 'cat', '/sys/class/net/priv2/flags'],
    ['nodeb', 'ping', '-n', '-c', '1', '-W', '1', '-I', 'priv2', '10.77.2.11'],
  ])
  expect(asked(cut.gone)).toEqual(asked(cut.verify))
  const far = plan('private-link-down', { node: 'server2', link: 'priv1' }, {}, rack)
  expect(questionsOf(far.verify)[1]?.host).toBe('server1')
})

test.each([
  // IFF_UP is the lowest bit
  ['0x1003\n', true],
  ['0x1\n', true],
  ['0x1002\n', false],
  ['0x0\n', false],
])('flags %j of the kernel: up is %s', (flags, up) => {
  expect([answers(cut.verify, 0, 0, flags)?.ok, answers(cut.gone, 0, 0, flags)?.ok]).toEqual([!up, up])
})

test.each(['', 'up', '0x', '4099', '0x1003 0x1002'])('flags %j say neither up nor down', (flags) => {
  expect([answers(cut.verify, 0, 0, flags)?.ok, answers(cut.gone, 0, 0, flags)?.ok]).toEqual([false, false])
})

test('an answer over the link says that it is up; only no answer (1) says that it is down, not an error of ping (2)', () => {
  expect([answers(cut.verify, 1, 0)?.ok, answers(cut.gone, 1, 0)?.ok]).toEqual([false, true])
  expect([answers(cut.verify, 1, 1)?.ok, answers(cut.gone, 1, 1)?.ok]).toEqual([true, false])
  expect(questionsOf(cut.verify)[1]?.expected).toEqual([0, 1])
})

test('a machine is stopped on its hypervisor, and the state letter of its process is the proof', () => {
  const [look] = questionsOf(freeze.verify)
  expect([commandsOf(freeze.apply.flat()).map(({ host }) => host), look?.argv, look?.processOf]).toEqual([
    ['here'],
    ['cat', '/proc/4711/stat'],
    'nodeb',
  ])
  const stat = (letter: string) => `4711 (qemu (x) R) ${letter} 1 4711 4711 0 -1`
  const [stopped, gone] = [
    (letter: string) => answers(freeze.verify, 0, 0, stat(letter))?.ok,
    (letter: string) => answers(freeze.gone, 0, 0, stat(letter))?.ok,
  ]
  expect(['T', 'R', 'S', 'D', 't', 'Z'].map((letter) => [letter, stopped(letter), gone(letter)])).toEqual([
    ['T', true, false],
    ['R', false, true],
    ['S', false, true],
    ['D', false, true],
    ['t', false, true],
    ['Z', false, true],
  ])
  expect([answers(freeze.verify, 0, 0, '')?.ok, answers(freeze.gone, 0, 0, '')?.ok]).toEqual([false, false])
})

test('keys are cleared where the table is empty, and not where the array was out of reach', () => {
  const { verify } = plan('keys-cleared', { lun: 'coord2' })
  const empty = '  PR generation=0x8, there are NO registered reservation keys\n'
  const lost = 'Persistent reservation in:\ntransport: Host_status=0x01 [DID_NO_CONNECT]\n'
  const traced = '    Persistent reservation in: response:\n00 00 00 08 00 00 00 00\n'
  expect(answers(verify, 0, 0, empty, traced)).toEqual({ ok: true, evidence: 'coord2 has the keys none' })
  expect(answers(verify, 0, 0, empty)?.ok).toBe(false)
  // sg_persist of sg3_utils 1.46 ends with 0 there, too
  expect(answers(verify, 0, 0, empty, lost)).toEqual({
    ok: false,
    evidence: 'the keys on coord2 could not be read: the transport failed, though it ended with 0',
  })
})

test('the state is the third field, whatever the name holds', () => {
  expect(['1 (a) R 1', '1 (a) T) S 1', '1 (\n) T 1', '1 () D 1', 'no stat', ''].map(stateLetter)).toEqual([
    'R',
    'S',
    'T',
    'D',
    '',
    '',
  ])
})

test('what a testbed cannot do is said', () => {
  expect(() => plan('private-link-down', { node: 'observer', link: 'priv1' })).toThrow(
    'node observer has no private link priv1 in the testbed',
  )
  expect(() => plan('private-link-down', { node: 'nodea', link: 'priv3' })).toThrow(
    'node nodea has no private link priv3 in the testbed',
  )
  expect(() => plan('private-link-down', {})).toThrow(/has no private link/)
  expect(() => plan('vm-freeze', { node: 'server1' }, {}, rack)).toThrow(
    'node server1 is not a virtual machine in the testbed: it has no "vm" part',
  )
  expect(() => plan('vm-freeze', { node: 'nodea' })).toThrow("the process of nodea's virtual machine was not found")
})

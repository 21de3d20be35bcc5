import { expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { consoleAfterPanic } from '../../../labs/journal/life-after-panic.ts'
import { clocks, lab, recorded, type Entry } from '../verdicts/history.ts'

const said = (text: string, at = 5000): Entry => ({ at, host: 'nodeb', event: { type: 'console', text } })
const event: Entry = { at: 3000, host: 'nodeb', event: { type: 'panic-event', source: 'QMP' } }
/** The kernel of nodeb is 200 s old at lab time 0; it panics at 203 s. */
const panicked = said('[  203.000100] Kernel panic - not syncing: sysrq triggered crash', 3010)

function sign(...entries: readonly Entry[]): string | undefined {
  const lines = recorded([lab(0, { type: 'note', text: '' }), ...clocks(1000), ...entries])
  const first = lines.find(({ type }) => type === 'panic-event') ?? lines.find(({ type }) => type === 'console')
  return first && consoleAfterPanic(lines, 'nodeb', foldClocks(lines), first)?.text
}

it.each([
  '[  203.000200] fencelab: what another processor still said',
  '[  206.100000] CPU: 0 PID: 252 Comm: node Not tainted 6.1.0-57-cloud-amd64 #1  Debian 6.1.192-3',
  '[  206.100000] Call Trace:',
  '[  206.100000]  <TASK>',
  '[  206.100000]  ? exit_to_user_mode_prepare+0x44/0x240',
  '[  206.100000][  T252]  panic+0x118/0x2f4',
  '[  206.100000] RIP: 0033:0x7f2a5b1a2240',
  '[  206.100000] R10: 0000000000000000 R11: 0000000000000202 R12: 0000000000000002',
  '[  206.100000] Code: 40 00 48 8b 15 c1 9b 0d 00',
  '[  206.100000] Kernel Offset: 0x2e000000 from 0xffffffff81000000',
  '[  206.100000] ---[ end Kernel panic - not syncing: sysrq triggered crash ]---',
  '[  216.100000] Rebooting in 10 seconds..',
  '[  240.100000] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [node:252]',
  '[  240.100000] rcu: INFO: rcu_preempt self-detected stall on CPU',
  '[  240.100000] hrtimer: interrupt took 1234567 ns',
  'SeaBIOS (version 1.16.2-debian-1.16.2-1)',
])('what a kernel prints of its own panic, or what has no stamp, is no sign of life: %s', (text) => {
  expect(sign(event, panicked, said(text))).toBeUndefined()
})

it.each([
  '[  206.100000] EXT4-fs (vda1): re-mounted. Quota mode: none.',
  '[  206.100000] fencelab: joined',
  '[  330.100000] INFO: task node:252 blocked for more than 120 seconds.',
  '[  206.100000][    T1] systemd[1]: Started Getty on tty1.',
  'nodeb login: [  206.100000] sd 2:0:0:0: [sda] Synchronizing SCSI cache',
])('what needs a kernel that runs is one: %s', (text) => {
  expect(sign(event, panicked, said('[  203.1] Call Trace:'), said(text))).toBe(text)
  expect(sign(panicked, said(text))).toBe(text)
})

it('a stamp from before the panic begins another boot, and what follows is no sign', () => {
  const boot = [said('[    0.000000] Linux version 6.1.0'), said('[  206.100000] EXT4-fs (vda1): mounted')]
  expect(sign(event, panicked, ...boot)).toBeUndefined()
})

it('where the console has no panic, the clock of the node tells', () => {
  const late = '[  204.500000] EXT4-fs (vda1): mounted'
  expect(sign(event, said(late))).toBe(late)
  expect(sign(event, said('[  202.900000] fencelab: said before, and read late'))).toBeUndefined()
  expect(sign(event, said('[  203.500000] fencelab: may be from before'))).toBeUndefined()
})

it('another console is not asked', () => {
  const other: Entry = {
    at: 5000,
    host: 'nodea',
    event: { type: 'console', text: '[  206.1] EXT4-fs (vda1): mounted' },
  }
  expect(sign(event, panicked, other)).toBeUndefined()
})

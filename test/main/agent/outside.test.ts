import { afterEach, beforeEach, expect, it } from 'vitest'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createOutside, fenceCommand } from '../../../main/agent/outside.ts'
import type { AgentConfigInput } from '../../../labs/cluster/config.ts'
import type { EventLog } from '../../../main/agent/event-log.ts'
import { join } from 'node:path'
import { readAgentConfig } from '../../../labs/cluster/config.ts'
import { tmpdir } from 'node:os'

let directory = ''
let entries: { kind: string; exit?: unknown }[] = []
const events: EventLog = {
  entry: (kind, fields) => void entries.push({ kind, ...fields }),
  log: () => undefined,
  panic: () => undefined,
  close: () => undefined,
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-outside-'))
  entries = []
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function script(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

function configOf(more: Partial<AgentConfigInput>) {
  return readAgentConfig({
    node: 'nodea',
    nodes: ['nodea', 'nodeb'].map((name, id) => ({
      name,
      id,
      keys: { coordination: `0x${id + 1}`, data: `0x${id + 1}` },
      addresses: { priv1: `10.0.0.${id + 1}`, priv2: `10.0.1.${id + 1}` },
      outlets: [`pdu1/${id + 3}`, `pdu2/${id + 3}`],
    })),
    links: [{ name: 'priv1' }, { name: 'priv2' }],
    coordination: ['c1', 'c2', 'c3'].map((name) => ({ name, device: name })),
    data: [{ name: 'd1', device: 'd1' }],
    logFile: 'unused',
    socket: 'unused',
    ...more,
  })
}

it.each([
  ['a reply', 0, true],
  ['no reply', 1, false],
  ['a ping that does not work', 2, false],
])('ping: %s', async (_what, exit, ok) => {
  const ping = script('ping', `printf "%s\\n" "$*" >${directory}/said\nexit ${exit}`)
  expect(await createOutside(configOf({ ping }), events).ping('10.0.0.254')).toBe(ok)
  expect(readFileSync(join(directory, 'said'), 'utf8')).toBe('-n -q -c 1 -W 1 10.0.0.254\n')
  expect(entries).toMatchObject([{ kind: 'ping', address: '10.0.0.254', exit }])
})

it('no ping at all is no reply', async () => {
  expect(await createOutside(configOf({ ping: join(directory, 'none') }), events).ping('10.0.0.254')).toBe(false)
})

it('fence: the command is told about the victim, in arguments', async () => {
  const command = [
    script('fence', `for word; do echo "$word" >>${directory}/said; done`),
    '--plug={node}',
    '{id} {address} {outlets} {self} {other}',
    '; rm -rf /',
  ]
  const config = configOf({ parameters: { fence: { command } } })
  expect(await createOutside(config, events).fence('nodeb')).toEqual({ node: 'nodeb', ok: true, text: 'exit 0' })
  expect(readFileSync(join(directory, 'said'), 'utf8').split('\n')).toEqual([
    '--plug=nodeb',
    '1 10.0.0.2 pdu1/4,pdu2/4 nodea {other}',
    '; rm -rf /',
    '',
  ])
  expect(entries).toMatchObject([{ kind: 'fence', node: 'nodeb', exit: 0 }])
})

it('fence: whatever is not exit status 0 proves nothing', async () => {
  const fails = configOf({ parameters: { fence: { command: [script('fence', 'echo "no such plug" >&2; exit 1')] } } })
  expect(await createOutside(fails, events).fence('nodeb')).toEqual({
    node: 'nodeb',
    ok: false,
    text: 'exit 1: no such plug',
  })
  const hangs = configOf({
    parameters: { fence: { command: [script('fence', 'exec sleep 3600')] } },
    timings: { fenceTimeout: 300 },
  })
  expect(await createOutside(hangs, events).fence('nodeb')).toEqual({
    node: 'nodeb',
    ok: false,
    text: 'no answer within 300 ms',
  })
  expect(await createOutside(configOf({}), events).fence('nodeb')).toMatchObject({ ok: false })
  expect(fenceCommand(fails, 'nodec')).toEqual([])
})

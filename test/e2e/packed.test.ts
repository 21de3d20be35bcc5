/** The packed program: made on a closed network, its fuses read out of the binary, and started. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../main/root.ts'
import { buildDesktop } from '../../main/setup/build-desktop.mjs'
import { electronWords, findElectron } from '../../main/setup/electron-runtime.mjs'
import { describeUnless } from '../describe-unless.ts'
import { whyNoElectron } from './electron-loader.ts'

const run = promisify(execFile)
const packMilliseconds = 400_000
const missing = process.platform === 'linux' ? whyNoElectron() : 'it is tested on Linux'

describeUnless(missing, 'the packed program', () => {
  const home = mkdtempSync(join(tmpdir(), 'fencelab-packed-'))
  const packed = join(home, 'dist/linux-unpacked')
  beforeAll(async () => {
    await buildDesktop()
    const words = [
      '--dir',
      '--publish',
      'never',
      `--config.directories.output=${join(home, 'dist')}`,
      `--config.electronDist=${dirname(findElectron() ?? '')}`,
    ]
    await run(process.execPath, [join(root, 'node_modules/electron-builder/cli.js'), ...words], { cwd: root })
  }, packMilliseconds)
  afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))

  test('has its fuses in the binary as electron-builder.yml decides them', async () => {
    const packer = createRequire(createRequire(import.meta.url).resolve('app-builder-lib'))
    const { getCurrentFuseWire, FuseV1Options } = packer('@electron/fuses') as {
      getCurrentFuseWire(program: string): Promise<Readonly<Record<string, number | string>>>
      readonly FuseV1Options: Readonly<Record<string, number | string>>
    }
    const wire = await getCurrentFuseWire(join(packed, 'fencelab'))
    // in the binary each fuse is a sign: 1 is on, 0 is off
    const states = Object.entries(FuseV1Options).flatMap(([name, index]) =>
      typeof index === 'number' ? [[name, String.fromCharCode(Number(wire[index]))]] : [],
    )
    expect(Object.fromEntries(states)).toEqual({
      RunAsNode: '0',
      EnableCookieEncryption: '1',
      EnableNodeOptionsEnvironmentVariable: '0',
      EnableNodeCliInspectArguments: '0',
      EnableEmbeddedAsarIntegrityValidation: '1',
      OnlyLoadAppFromAsar: '1',
      LoadBrowserProcessSpecificV8Snapshot: '0',
      GrantFileProtocolExtraPrivileges: '0',
    })
  })

  test('holds what other programs read beside its archive, and no sources', () => {
    const beside = join(packed, 'resources/app.asar.unpacked')
    const there = [
      'labs/testbeds/virtual.yaml',
      'labs/samples/both-private-networks-fail/journal.jsonl',
      'out/engine/engine.mjs',
      'out/engine/cli.mjs',
      'out/engine/relay.mjs',
      'out/engine/agent.cjs',
      'node_modules/@lydell/node-pty/package.json',
      'node_modules/ssh2/package.json',
    ]
    expect(there.filter((name) => !existsSync(join(beside, name)))).toEqual([])
    expect(readdirSync(beside).sort()).toEqual(['labs', 'node_modules', 'out'])
    expect(readdirSync(join(beside, 'out'))).toEqual(['engine'])
  })

  test('runs its background work under Node, from where it lies', async () => {
    const { stdout } = await run(
      process.execPath,
      [
        join(packed, 'resources/app.asar.unpacked/out/engine/cli.mjs'),
        'judge',
        join(packed, 'resources/app.asar.unpacked/labs/samples/both-private-networks-fail'),
      ],
      { cwd: home },
    )
    expect(stdout).toMatch(/Verdict: PASS/)
  })

  test('starts, shows its window with the engine behind it, and ends', async () => {
    const env = {
      ...process.env,
      XDG_STATE_HOME: join(home, 'state'),
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CONFIG_HOME: join(home, 'config'),
    }
    const { stdout } = await run(join(packed, 'fencelab'), [...electronWords().words, '--self-check'], {
      cwd: home,
      env,
      timeout: 90_000,
    })
    expect(stdout).toMatch(/fencelab is whole: a window of \d+ x \d+, with the testbed virtual from the engine/)
  })

  test('is no Node, and takes no debugger', async () => {
    const env = {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--require=/no/such/file.js',
      XDG_STATE_HOME: join(home, 'other'),
    }
    const child = spawn(
      join(packed, 'fencelab'),
      [...electronWords().words, '--inspect=0', '-e', 'console.log("run as node")', '--self-check'],
      { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect(code).toBe(0)
    expect(said).toContain('fencelab is whole')
    expect(said).not.toMatch(/run as node|Debugger listening|no\/such\/file/)
  })
})

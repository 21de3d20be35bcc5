/** What electron-builder.yml decides, and what is in the sources that nothing else would notice. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../../main/root.ts'
import manifest from '../../../package.json' with { type: 'json' }

const builder = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as {
  readonly electronFuses: Readonly<Record<string, boolean>>
  readonly files: readonly string[]
  readonly asarUnpack: readonly string[]
  readonly asar: boolean
  readonly npmRebuild: boolean
  readonly linux: { readonly target: readonly string[] }
  readonly mac: { readonly target: readonly string[] }
  readonly win: { readonly target: readonly string[] }
}
/** the fuses that there are, as the packer knows them */
const packer = createRequire(createRequire(import.meta.url).resolve('app-builder-lib'))
const { FuseV1Options } = packer('@electron/fuses') as {
  readonly FuseV1Options: Readonly<Record<string, string | number>>
}
const known = Object.keys(FuseV1Options).filter((name) => !/^\d/.test(name))

describe('the fuses', () => {
  it('are all decided', () => {
    expect(
      Object.keys(builder.electronFuses)
        .map((name) => name.toLowerCase())
        .sort(),
    ).toEqual(known.map((name) => name.toLowerCase()).sort())
  })
  it('are set for a program that is nothing but itself', () => {
    expect(builder.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
  })
})

describe('the packed program', () => {
  it('is made for the systems that were promised', () => {
    expect([builder.linux.target, builder.mac.target, builder.win.target]).toEqual([
      ['deb', 'AppImage'],
      ['dmg'],
      ['nsis'],
    ])
  })
  it('is an archive; what other programs read and native code lie beside it', () => {
    expect(builder.asar).toBe(true)
    expect(builder.asarUnpack).toEqual(['out/engine/**', 'labs/**', 'node_modules/**'])
  })
  it('holds every package that the engine does not bundle, with all that those need', () => {
    const text = readFileSync(join(root, 'main/vite.config.ts'), 'utf8')
    const external = /external: \[([^\]]*)\]/.exec(text)?.[1]?.match(/[\w@/-]+/g) ?? []
    // the bundler is for a checkout, and ws does without the other two
    const wanted = external.filter((name) => !['rolldown', 'bufferutil', 'utf-8-validate'].includes(name))
    const needed = new Set<string>()
    const add = (name: string) => {
      if (needed.has(name)) return
      needed.add(name)
      const own = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        readonly dependencies?: Readonly<Record<string, string>>
      }
      for (const other of Object.keys(own.dependencies ?? {})) add(other)
    }
    for (const name of wanted) add(name)
    const packed = (name: string) =>
      builder.files.includes(`node_modules/${name}/**`) ||
      (name.startsWith('@lydell/') && builder.files.includes('node_modules/@lydell/**'))
    expect(wanted).toEqual(['@lydell/node-pty', 'ssh2', 'net-snmp'])
    expect([...needed].filter((name) => !packed(name))).toEqual([])
  })
  it('begins with the file that the build makes', () => expect(manifest.main).toBe('out/main/desktop.cjs'))
})

/** Sources below a folder, without their comments. */
function sources(folder: string): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|vue)$/.test(name))
    .map((name) => ({
      name: `${folder}/${name}`,
      text: readFileSync(join(root, folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
    }))
}

describe('in the sources', () => {
  it('Electron is for main/desktop and the bridge alone', () => {
    const found = ['labs', 'main', 'preload', 'renderer']
      .flatMap(sources)
      .filter(({ text }) => /from 'electron(\/\w+)?'/.test(text))
      .map(({ name }) => name)
    expect(found.filter((name) => !name.startsWith('main/desktop/'))).toEqual(['preload/bridge.ts'])
  })
  it('what decides is pure: only what puts it to work has Electron at run time', () => {
    const having = sources('main/desktop')
      .filter(({ text }) =>
        /import \{(?![^}]*\}[^\n]*type)[^}]*\b(?!type )\w+[^}]*\} from 'electron'/.test(
          text.replace(/import type .*/g, ''),
        ),
      )
      .map(({ name }) => name)
    expect(having.sort()).toEqual(['main/desktop/desktop.ts', 'main/desktop/questions.ts', 'main/desktop/window.ts'])
  })
  it('the bridge hands over the functions of the contract, no channel of its own, and no event', () => {
    const [bridge] = sources('preload').filter(({ name }) => name === 'preload/bridge.ts')
    const text = bridge?.text ?? ''
    expect(text.match(/exposeInMainWorld\([^)]*\)/g)).toEqual(["exposeInMainWorld('fencelab', bridge)"])
    expect(
      [...text.matchAll(/ipcRenderer\.\w+\(([^,)]+)/g)]
        .map(([, channel]) => channel)
        .filter((channel) => !/^channels\.\w+$/.test(channel ?? '')),
    ).toEqual([])
    expect(text).not.toMatch(/sendSync|executeJavaScript|\beval\b|webFrame|shell/)
  })
  it('no page is ever made with fewer walls', () => {
    const text = sources('main')
      .map((source) => source.text)
      .join('\n')
    expect(text).not.toMatch(
      /sandbox: false|contextIsolation: false|nodeIntegration: true|webSecurity: false|allowRunningInsecureContent: true|enableBlinkFeatures|bypassCSP: true|ELECTRON_RUN_AS_NODE|file:\/\/.*loadURL|loadFile\(/,
    )
  })
})

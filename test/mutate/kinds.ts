import type { Line } from '../../labs/journal/event.ts'
import { isPanicLine } from '../../labs/journal/panic-line.ts'
import type { Scene } from './scene.ts'

/** What a line can tell, in a few words: its type, and what of that type it is. */
export function kindOf(scene: Scene, line: Line): string {
  switch (line.type) {
    case 'phase':
      return `phase ${line.name}`
    case 'command':
      return `command: ${line.purpose
        .replaceAll(hosts(scene), 'HOST')
        .replace(/\S*\/\S+/g, 'FILE')
        .replaceAll(/\d+/g, 'N')}`
    case 'keys':
      return `keys ${line.action}${line.exit === 0 ? '' : ' (failed)'} on a ${useOf(scene, line.lun)} by ${who(scene, line.host)}`
    case 'array-keys':
      return `array-keys of a ${useOf(scene, line.lun)}`
    case 'fault':
      return `fault ${line.step}`
    case 'console':
      return isPanicLine(line.text)
        ? 'console: a panic'
        : /fencelab: /.test(line.text)
          ? 'console: the cluster'
          : 'console: other'
    case 'process':
      return `process ${line.state === 'T' ? 'stopped' : 'not stopped'}`
    case 'stack':
      return line.answered ? `stack ${line.state ?? 'without a state'} of ${who(scene, line.host)}` : 'stack: no answer'
    case 'stack.log':
      return `stack.log ${line.code ?? 'without a code'}`
    case 'ledger.write':
      return `ledger.write ${line.result} by ${who(scene, line.host)}`
    case 'ledger.scan':
      return `ledger.scan ${line.when}`
    case 'operation':
      return `operation ${line.operation} ${line.step}`
    case 'outlet':
      return `outlet ${line.state}`
    case 'checkpoint':
      return `checkpoint ${line.step}`
    case 'probe':
      return `probe ${line.reachable ? 'answered' : 'silent'} of ${who(scene, line.node)}`
    case 'clock':
      return `clock of ${who(scene, line.host)}`
    case 'connection':
      return `connection ${line.state}`
    case 'await':
      return `await ${line.met ? 'met' : 'not met'}`
    default:
      return line.type
  }
}

function useOf(scene: Scene, lun: string): string {
  return scene.dataDisks.includes(lun) ? 'data disk' : 'point'
}

function who(scene: Scene, host: string | undefined): string {
  if (host === undefined) return 'nobody'
  if (!scene.nodes.includes(host)) return host.replace(/\d+$/, '')
  return scene.survivors.includes(host) ? 'who goes on' : 'who was lost'
}

const hosts = (scene: Scene) =>
  new RegExp(
    [
      ...scene.nodes,
      'observer',
      String.raw`array\d`,
      'here',
      String.raw`coord\d`,
      String.raw`data\d`,
      String.raw`priv\d`,
    ].join('|'),
    'g',
  )

import { reactive } from 'vue'
import { ContractError } from '../../preload/contract/contract-error.ts'

export interface Notice {
  readonly id: number
  readonly kind: 'info' | 'warning' | 'error'
  readonly text: string
}

export interface Notices {
  readonly list: Notice[]
  add(kind: Notice['kind'], text: string): void
  /** Shows an error that nobody else shows. What was stopped on purpose, or will be asked again, is none. */
  readonly report: (error: unknown) => void
  dismiss(id: number): void
}

const infoMilliseconds = 6000
const most = 4

export function createNotices(): Notices {
  const list = reactive<Notice[]>([])
  let next = 1
  const dismiss = (id: number) => {
    const place = list.findIndex((notice) => notice.id === id)
    if (place !== -1) list.splice(place, 1)
  }
  const add: Notices['add'] = (kind, text) => {
    const same = list.find((notice) => notice.text === text)
    if (same) return
    const id = next++
    list.push({ id, kind, text })
    if (list.length > most) list.splice(0, list.length - most)
    if (kind === 'info') setTimeout(() => dismiss(id), infoMilliseconds)
  }
  return {
    list,
    add,
    dismiss,
    report(error) {
      if (error instanceof ContractError && (error.code === 'stopped' || error.code === 'disconnected')) return
      if (error instanceof DOMException && error.name === 'AbortError') return
      add('error', wordsOf(error))
    },
  }
}

export function wordsOf(error: unknown): string {
  const log = error instanceof ContractError ? error.data?.['log'] : undefined
  if (error instanceof ContractError && error.code === 'internal') {
    return `A mistake in fencelab: ${error.message}. Where it broke is in the log: ${log ?? 'of the program that serves this window'}`
  }
  const message = error instanceof Error ? error.message : String(error)
  return log === undefined ? message : `${message} (log: ${log})`
}

import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron'
import * as v from 'valibot'
import { isTrusted } from './policy.ts'

export interface ListenOptions {
  readonly ipc: Pick<IpcMain, 'on' | 'handle'>
  /** pages of windows of ours */
  readonly known: ReadonlySet<number>
  readonly onRefused: (what: string) => void
}

export interface Listen {
  /** Answers a question of the page. Who asks and what is asked are checked first; else the question is refused. */
  answer<S extends v.GenericSchema>(
    channel: string,
    schema: S,
    answer: (input: v.InferOutput<S>, event: IpcMainInvokeEvent) => unknown,
  ): void
  /** Takes a message of the page; one that is not as it should be is dropped. */
  take<S extends v.GenericSchema>(channel: string, schema: S, take: (input: v.InferOutput<S>) => void): void
}

/** The one way by which messages of pages come in. */
export function listenTo({ ipc, known, onRefused }: ListenOptions): Listen {
  /** the message, where it is one */
  function read<S extends v.GenericSchema>(
    channel: string,
    schema: S,
    event: IpcMainEvent | IpcMainInvokeEvent,
    words: readonly unknown[],
  ): { readonly input: v.InferOutput<S> } | undefined {
    const frame = event.senderFrame
    if (
      !isTrusted(
        { contents: event.sender.id, frame: frame && { url: frame.url, isMain: frame.parent === null } },
        known,
      )
    ) {
      onRefused(`${channel} from ${frame?.url ?? 'a frame that is gone'}`)
      return undefined
    }
    const parsed = v.safeParse(schema, words[0])
    if (parsed.success && words.length <= 1) return { input: parsed.output }
    onRefused(`${channel} with what it does not take`)
    return undefined
  }
  return {
    answer(channel, schema, answer) {
      ipc.handle(channel, (event, ...words: unknown[]) => {
        const message = read(channel, schema, event, words)
        if (!message) throw new Error('refused')
        return answer(message.input, event)
      })
    },
    take(channel, schema, take) {
      ipc.on(channel, (event, ...words: unknown[]) => {
        const message = read(channel, schema, event, words)
        if (message) take(message.input)
      })
    },
  }
}

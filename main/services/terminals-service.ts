import { ContractError } from '../../preload/contract/contract-error.ts'
import type { TerminalsService } from '../../preload/contract/terminals.ts'
import type { EventHub } from './event-hub.ts'
import type { LabKeeper } from './lab-keeper.ts'
import type { TerminalFeed } from './serve-channel.ts'

/** Starts the process that keeps local terminals. */
export interface PtyStarter {
  start(): void
}

export interface TerminalsOptions {
  readonly keeper: LabKeeper
  readonly hub: EventHub
  readonly folder: string
  readonly ptys?: PtyStarter
}

export function terminalsService(_options: TerminalsOptions): { readonly service: TerminalsService; readonly feed: TerminalFeed; close(): Promise<void> } {
  const none = async () => {
    throw new ContractError('lab', 'no terminals yet')
  }
  return {
    service: {
      list: async () => ({ terminals: [] }),
      places: async () => ({ hosts: [], programs: [] }),
      open: none,
      attach: none,
      write: none,
      resize: none,
      close: none,
      record: none,
      mark: none,
    },
    feed: { connect: () => ({ taken: () => undefined, dispose: () => undefined }) },
    close: async () => undefined,
  }
}

/** What differs between a browser and Electron's window, behind one small interface. The interface hides what `can` lacks. */
import type { Channel } from '../../preload/contract/wire.ts'

export interface Host {
  readonly kind: 'browser' | 'desktop'
  readonly can: {
    /** choose a file or folder of this computer in a dialog of the system */
    readonly choose: boolean
    /** has a window of its own: a menu bar, closing it ends the program */
    readonly window: boolean
  }
  open(): Promise<Channel>
  /** Opens an http(s) address outside. */
  openExternal(address: string): void
  /** Undefined where nothing was chosen. */
  choose(what: 'testbed' | 'folder'): Promise<string | undefined>
  /** Calls `listener` with the name of a command that was chosen in the system's menu. Returns its disposer. */
  onCommand(listener: (command: string) => void): () => void
  /** Tells the system's menu which of the standard commands apply now. */
  setApplicable(commands: readonly string[]): void
  setTitle(title: string): void
}

/** What the preload script gives to the page in Electron's window: a handful of functions, and nothing generic. */
export interface Bridge {
  /**
   * Asks for a line to the engine. Resolves with its number, or undefined while the engine is being started; after that
   * `onMessage` gets every message, and `onClose` is called once when the line is over.
   */
  connect(onMessage: (text: string) => void, onClose: (reason: string) => void): Promise<number | undefined>
  post(line: number, text: string): void
  close(line: number): void
  /** Opens an http(s) address in the system's browser; anything else is refused. */
  openExternal(address: string): void
  choose(what: 'testbed' | 'folder'): Promise<string | undefined>
  /** Calls `listener` with the id of a command that was chosen in the menu. Returns its disposer. */
  onCommand(listener: (command: string) => void): () => void
  /** Tells the menu which commands apply now; the others are greyed. */
  setApplicable(commands: readonly string[]): void
}

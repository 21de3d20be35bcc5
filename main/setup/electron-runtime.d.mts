/** Electron's program where it is installed, or pointed to by ELECTRON_OVERRIDE_DIST_PATH. Nothing is fetched. */
export function findElectron(env?: Readonly<Record<string, string | undefined>>): string | undefined
/** Fetches Electron's program, once; undefined where it cannot be had. */
export function fetchElectron(): Promise<string | undefined>
/** Why there cannot be a window on this computer; undefined where there can. */
export function whyNoDisplay(platform?: string, env?: Readonly<Record<string, string | undefined>>): string | undefined
/** Words before all others that Electron needs here, and what a person is told about them. */
export function electronWords(uid?: number): { readonly words: readonly string[]; readonly notice: string | undefined }

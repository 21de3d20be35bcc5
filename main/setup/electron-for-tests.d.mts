export declare const displayPackages: Readonly<Record<string, string>>
export declare function electronForTests(
  program?: string,
): Promise<{ readonly env: Readonly<Record<string, string>>; readonly before: readonly string[] }>

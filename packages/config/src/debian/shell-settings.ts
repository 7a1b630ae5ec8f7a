/** `name='value'` lines, as shells read them: comments, single and double quotes. Nothing is expanded, nothing is run. */
export function readShellSettings(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*)'|"([^"]*)"|([^\s#]*))/.exec(line);
    if (match !== null) settings.set(match[1] as string, match[2] ?? match[3] ?? match[4] ?? "");
  }
  return settings;
}

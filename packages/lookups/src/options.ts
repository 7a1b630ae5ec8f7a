/** Options after the type of a lookup: `ret=key,filter=dir`. */
export function lookupOption(options: string, name: string): string | undefined {
  if (options === "") return undefined;
  const prefix = `${name}=`;
  for (const option of options.split(",")) {
    if (option.startsWith(prefix)) return option.slice(prefix.length);
  }
  return undefined;
}

/** What becomes of an address, in the same words for `exim -bt` and for `mailkit route --json`. */

/**
 * Of the text of `exim -bt`, sorted: which sibling comes first is nobody's promise. Lines are
 * `ADDRESS by ROUTER over TRANSPORT HOST:PORT...`, `ADDRESS fails: WHY`, `ADDRESS waits: WHY`, `ADDRESS is discarded`.
 */
export function fatesOfText(stdout: string): readonly string[] {
  const fates: string[] = [];
  for (const line of stdout.split("\n")) {
    const failed = /^(\S.*) is undeliverable(?:: (.*))?$/.exec(line);
    const waiting = /^(\S.*) cannot be resolved at this time(?:: (.*))?$/.exec(line);
    const discarded = /^mail to (\S.*) is discarded$/.exec(line);
    const router = /^ {2}router = (\S+), transport = (\S+)$/.exec(line);
    const piped = /^ {2}transport = (\S+)$/.exec(line);
    const host = /^ {2}host (\S+) +\[(\S+)\](?: +MX=\d+)?(?: +port=(\d+))?/.exec(line);
    if (failed !== null) fates.push(`${failed[1]} fails: ${failed[2] ?? ""}`);
    else if (waiting !== null) fates.push(`${waiting[1]} waits: ${waiting[2] ?? ""}`);
    else if (discarded !== null) fates.push(`${discarded[1]} is discarded`);
    else if (router !== null) fates[fates.length - 1] += ` by ${router[1]} over ${router[2]}`;
    else if (piped !== null) fates[fates.length - 1] += ` over ${piped[1]}`;
    else if (host !== null) fates[fates.length - 1] += ` ${host[2]}:${host[3] ?? "25"}`;
    else if (line === "*** Error in setting up pipe, file, or autoreply:") fates[fates.length - 1] += " cannot:";
    else if (fates.at(-1)?.endsWith(" cannot:") === true) fates[fates.length - 1] += ` ${line}`;
    // `box@x -> /var/box` for a file, `box@x -> |cmd` for a pipe.
    else if (/^\S/.test(line) && !line.startsWith("Address rewritten as: "))
      fates.push(line.replace(/^.* -> /, "").replace(/ +\[duplicate, would not be delivered\]$/, ""));
  }
  return fates.sort();
}

export interface RouteTree {
  readonly address: string;
  readonly result: string;
  readonly router?: string;
  readonly transport?: string;
  readonly hosts?: readonly { readonly address: string; readonly port?: number }[];
  readonly generated?: unknown;
  readonly message?: string;
  /** Of a pipe, file or reply that cannot be delivered. */
  readonly problem?: { readonly kind: string; readonly message: string };
  readonly children: readonly RouteTree[];
}

export function fatesOfTree(tree: RouteTree): readonly string[] {
  return fates(tree).sort();
}

function fates({ address, result, router, transport, hosts = [], generated, message = "", problem, children }: RouteTree): string[] {
  switch (result) {
    case "failed":
      return [`${address} fails: ${message.trim()}`];
    case "deferred":
      return [`${address} waits: ${message.trim()}`];
    case "discarded":
      return [`${address} is discarded`];
    case "accepted": {
      if (problem?.kind === "failed") return [`${address} *** forbidden ***`];
      if (problem !== undefined) return [`${address} cannot: ${problem.message}`];
      const where = generated === undefined ? ` by ${router} over ${transport ?? "unset"}` : ` over ${transport ?? "unset"}`;
      return [address + where + hosts.map((host) => ` ${host.address}:${host.port ?? 25}`).join(""), ...children.flatMap(fates)];
    }
    default:
      return children.flatMap(fates);
  }
}

/** The text of `-bt` by addresses, sorted: the lines of one that are indented belong to it. */
export function blocksOf(stdout: string): readonly string[] {
  return stdout
    .replace(/\n$/, "")
    .split(/\n(?! )/)
    .sort();
}

/** Addresses of a text: words, but for quoted local parts. */
export function addressWords(text: string): readonly string[] {
  return text.match(/(?:"(?:[^"\\]|\\.)*"|\S)+/g) ?? [];
}

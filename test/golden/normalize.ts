/** What differs from run to run, and between the two programs without meaning anything, becomes a word. */

export function normalize(texts: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  const ids = new Map<string, string>();
  const found: Record<string, string> = {};
  // The mainlog first: it gives the numbers of the messages.
  const names = Object.keys(texts).toSorted((a, b) => Number(b === "mainlog") - Number(a === "mainlog"));
  for (const name of names) found[name] = general(texts[name] as string, folder, ids);
  for (const [name, text] of Object.entries(found)) {
    found[name] = (name === "mainlog" ? byMessage(text) : text).replace(/\n+$/, "");
    if (found[name] === "") delete found[name];
  }
  return Object.fromEntries(Object.keys(texts).flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]]])));
}

const ID = /(?<=\bE|\b)[0-9A-Za-z]{6}-(?:[0-9A-Za-z]{11}-[0-9A-Za-z]{4}|[0-9A-Za-z]{6}-[0-9A-Za-z]{2})\b/g;

function general(text: string, folder: string, ids: Map<string, string>): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(folder, "FOLDER")
    .replace(ID, (id) => {
      if (!ids.has(id)) ids.set(id, `ID-${ids.size + 1}`);
      return ids.get(id) as string;
    })
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?/gm, "TIME")
    .replace(/^TIME (?:Warning: purging the environment\.\n Suggested.*|exim user lost.*)\n/gm, "")
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "DATE")
    .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, "DATE")
    .replace(/\d+-eximdsn-\d+/g, "BOUNDARY")
    .replace(/\bS=\d+/g, "S=SIZE")
    .replace(/\bU=(?:root|nobody|Debian-exim|[a-z][a-z0-9_-]*)\b/g, "U=CALLER")
    .replace(/^((?:P )?Received: from )[a-z_A-Z][-\w]*(?= by | \(helo)/gm, "$1CALLER")
    .replace(/(Hello |rejected \w+ from |SMTP call from |\bby )(?:root|nobody|Debian-exim)\b/g, "$1CALLER")
    .replace(/\bpid=\d+/g, "pid=PID")
    .replace(/\b([QDR]T)=[\d.]+m?s/g, "$1=TIME")
    .replace(/\(Exim [\d.]+\)|\(mailkit [\d.]+\)/g, "(VERSION)")
    .replace(/\b(?:Exim|mailkit) \d[\d.]*/g, "VERSION");
}

/** Lines of messages that are worked on at the same time mix in any order: each message's stand together. */
function byMessage(text: string): string {
  const groups = new Map<string, string[]>();
  text.split("\n").forEach((line, at) => {
    const key = /^TIME (ID-\d+)/.exec(line)?.[1] ?? `line ${at}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  });
  return [...groups.values()].flat().join("\n");
}

/** docs/diagnostics.md: every code with what it means. */
import { CODES } from "../../packages/config/src/index.ts";
import { GENERATED, table } from "./table.ts";

const GROUPS: readonly (readonly [prefix: string, title: string])[] = [
  ["MK00", "Reading the file"],
  ["MK01", "Options"],
  ["MK02", "Names"],
  ["MK03", "Values"],
  ["MK04", "Expansions, lists and taint"],
  ["MK05", "ACLs"],
  ["MK06", "Retry and rewriting rules"],
  ["MK07", "Legal, and probably not meant (`mailkit lint`)"],
  ["MK08", "Drivers"],
  ["MK09", "Plugins and settings"],
  ["MK10", "Running"],
];

export function diagnosticsPage(): string {
  const codes = Object.entries(CODES).sort(([a], [b]) => (a < b ? -1 : 1));
  const intro =
    "# Diagnostics\n\nEach fault that mailkit finds in a configuration has a code that never changes. `mailkit check` reports errors and\n" +
    "warnings, `mailkit lint` what is legal and probably not meant; `mailkit lint --explain CODE` shows what stands here.\n\n";
  const list = table(
    ["code", "", "what"],
    codes.map(([code, { severity, title }]) => [`[${code}](#${code.toLowerCase()})`, severity, title]),
  );
  const sections = groupsOf(codes.map(([code]) => code)).map(([title, members]) => {
    const entries = codes.filter(([code]) => members.includes(code)).map(([code, entry]) => entryText(code, entry));
    return `## ${title}\n\n${entries.join("\n")}`;
  });
  return `${GENERATED}${intro}${list}\n${sections.join("\n")}`;
}

function groupsOf(codes: readonly string[]): (readonly [string, readonly string[]])[] {
  const known = GROUPS.map(([prefix, title]) => [title, codes.filter((code) => code.startsWith(prefix))] as const);
  const others = codes.filter((code) => !GROUPS.some(([prefix]) => code.startsWith(prefix)));
  return [...known, ["Others", others] as const].filter(([, members]) => members.length > 0);
}

function entryText(code: string, { severity, title, explanation, example }: (typeof CODES)[keyof typeof CODES]): string {
  return `### ${code}\n\n**${severity}: ${title}.** ${explanation}\n\n\`\`\`\n${example}\n\`\`\`\n`;
}

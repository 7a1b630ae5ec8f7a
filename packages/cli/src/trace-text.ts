/** Trace events as lines for people, for `-d`, `--explain` and host checking. */
import type { Position, TraceEvent, Tracer } from "@mailkit/sdk";
import { printable } from "@mailkit/sdk";

export function textTracer(write: (line: string) => void): Tracer {
  return {
    on: true,
    emit: (event) => {
      const line = traceLine(event);
      if (line !== undefined) write(line);
    },
  };
}

export function traceLine(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case "route.start":
      return `routing ${printable(event.address)}`;
    case "route.router":
      return `  ${event.router.padEnd(18)} ${event.result.padEnd(9)} ${[event.by, event.detail].filter(Boolean).join(": ")}${place(event.at)}`;
    case "acl.start":
      return `    ${event.acl}${place(event.at)}`;
    case "acl.end":
      return `    end of ${event.acl}: ${event.result ?? ""}`;
    case "acl.verb":
      return `    ${event.verb}: ${event.result}${event.message === undefined ? "" : ` (${printable(event.message)})`}${place(event.at)}`;
    case "acl.item":
      return `    ${event.verb.padEnd(8)} ${`${event.negated ? "! " : ""}${event.name} = ${printable(event.value)}`.padEnd(40)} ${event.result.padEnd(5)} ${printable(event.detail ?? "")}`.trimEnd();
    case "list":
      return `      ${printable(event.subject)} in "${printable(event.list)}"? ${event.result}${event.item === undefined ? "" : ` (${printable(event.item)})`}`;
    case "lookup":
      return `      ${event.type} lookup of "${printable(event.key)}"${event.file === undefined ? "" : ` in ${event.file}`}: ${event.result}`;
    case "dns":
      return `      DNS ${event.name} ${event.type}: ${event.result}`;
    case "expand":
      return `      ${"  ".repeat(event.depth)}${printable(event.source)} -> ${printable(event.result)}`;
    case "rewrite":
      return `      rewritten: ${printable(event.from)} -> ${printable(event.to)} by ${printable(event.rule)}${place(event.at)}`;
    case "retry":
      return `      retry ${event.key}: ${event.detail}${place(event.at)}`;
    case "smtp":
      return `  SMTP ${event.direction === "in" ? "<<" : ">>"} ${printable(event.line)}`;
    case "delivery":
      return `  delivery of ${printable(event.address)} by ${event.transport}: ${printable(event.detail)}`;
    case "note":
      return `  ${event.area}: ${printable(event.text)}`;
  }
}

function place(at: Position | undefined): string {
  return at === undefined ? "" : `  ${at.file}:${at.line}`;
}

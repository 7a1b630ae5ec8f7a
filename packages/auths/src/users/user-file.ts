/** The text of a users file: `name:hash[:more]`, one user a line; comments and odd lines are kept. Pure. */
import { trimSpace, trimSpaceEnd } from "@mailkit/sdk";

export interface UserLine {
  readonly name: string;
  readonly hash: string;
  /** What stands after the hash, "" when nothing. */
  readonly rest: string;
}

/** Lower-case names that are safe as file names, lookup keys and SMTP local parts. */
export function isUserName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._+@-]{0,63}$/.test(name) && !name.includes("..");
}

export function parseUsers(text: string): UserLine[] {
  return text.split("\n").flatMap((line) => {
    const user = parseLine(line);
    return user === undefined ? [] : [user];
  });
}

function parseLine(line: string): UserLine | undefined {
  if (line.startsWith("#")) return undefined;
  const match = /^([^:\s]+):\s*([^:]*)(?::(.*))?$/.exec(trimSpaceEnd(line));
  return match === null ? undefined : { name: match[1] as string, hash: trimSpace(match[2] as string), rest: match[3] ?? "" };
}

/** The text with `user` in place of the line of that name, or after all others. */
export function withUser(text: string, user: UserLine): string {
  const written = `${user.name}:${user.hash}${user.rest === "" ? "" : `:${user.rest}`}`;
  const lines = linesOf(text);
  const at = lines.findIndex((line) => parseLine(line)?.name === user.name);
  if (at < 0) lines.push(written);
  else lines[at] = written;
  return `${lines.join("\n")}\n`;
}

export function withoutUser(text: string, name: string): string {
  const lines = linesOf(text).filter((line) => parseLine(line)?.name !== name);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/**
 * What the layout has to remember from line to line: the section, and whether a line goes on. The branches of a
 * conditional are followed one by one from where it began; where they end differently, nothing is known behind them.
 */
import type { Directive } from "../source/conditionals.ts";

export interface State {
  /** "other": a section whose lines are left as they are, or one that a conditional or an include decides. */
  section: "main" | "acl" | "driver" | "rules" | "other";
  /** Inside an ACL or a driver instance. */
  depth: number;
  /** Indentation of the logical line that is being continued. */
  base: string;
  continued: boolean;
  /** Whether it goes on is decided by a conditional or an include; then `continued` is true. */
  unsure: boolean;
  /** Nothing but backslashes so far: the next line is the first one that says something. */
  bare: boolean;
}

interface Block {
  readonly before: State;
  readonly ends: State[];
  hasElse: boolean;
}

export interface Branches {
  /** Follows a directive; changes `state` to what holds behind it. */
  apply(directive: Directive, state: State): void;
}

export function branches(): Branches {
  const open: Block[] = [];
  return {
    apply: (directive, state) => {
      if (directive === "ifdef" || directive === "ifndef") {
        open.push({ before: { ...state }, ends: [], hasElse: false });
        return;
      }
      const block = open.at(-1);
      if (block === undefined) return;
      block.ends.push({ ...state });
      if (directive !== "endif") {
        if (directive === "else") block.hasElse = true;
        Object.assign(state, block.before);
        return;
      }
      open.pop();
      Object.assign(state, merged(block.hasElse ? block.ends : [block.before, ...block.ends]));
    },
  };
}

function merged(states: readonly State[]): State {
  const [first] = states as readonly [State];
  const same = <K extends keyof State>(key: K): boolean => states.every((state) => state[key] === first[key]);
  return {
    section: same("section") ? first.section : "other",
    depth: Math.max(...states.map(({ depth }) => depth)),
    base: first.base,
    continued: states.some(({ continued }) => continued),
    unsure: !same("continued") || states.some(({ unsure }) => unsure),
    bare: same("bare") && same("continued") && first.bare,
  };
}
